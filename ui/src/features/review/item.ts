// What an item of the queue holds, read from its payload. A payload of another kind reads as one without repairs. Pure.
import type { components } from "@/api/schema";
import { formatConfidence } from "@/lib/format";
import type { Change } from "@/ui/Diff";

export type RuleEdit = components["schemas"]["RuleEdit"];
export type Candidate = {
  repair: string;
  to: string | null;
  probability: number;
  tier: string;
  proof: string;
  held: string | null;
  evidence: string[];
  edits: RuleEdit[];
};
export type SeenChange = { path: string; to: string | null; kind: string; severity: string; evidence: string[] };
export type Item = { path: string; action: string; changes: SeenChange[]; candidates: Candidate[] };

type Known = Record<string, unknown>;
const asKnown = (value: unknown): Known => (value !== null && typeof value === "object" ? (value as Known) : {});
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string => (typeof value === "string" ? value : "");
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

export function itemOf(payload: unknown): Item {
  const { path, action, changes, candidates } = asKnown(payload);
  return {
    path: asText(path),
    action: asText(action),
    changes: asList(changes).map((change) => {
      const { path: at, to, kind, severity, evidence } = asKnown(change);
      return {
        path: asText(at),
        to: textOrNull(to),
        kind: asText(kind),
        severity: asText(severity),
        evidence: asList(evidence).map(describe),
      };
    }),
    candidates: asList(candidates).map((candidate) => {
      const { repair, to, probability, tier, proof, held, evidence, edits } = asKnown(candidate);
      return {
        repair: asText(repair),
        to: textOrNull(to),
        probability: typeof probability === "number" ? probability : 0,
        tier: asText(tier),
        proof: asText(proof),
        held: textOrNull(held),
        evidence: asList(evidence).map(describe),
        edits: asList(edits) as RuleEdit[],
      };
    }),
  };
}

/** Shows a piece of evidence, which is a sentence or an object that says one. */
function describe(evidence: unknown): string {
  if (typeof evidence === "string") return evidence;
  const { says, signal } = asKnown(evidence);
  return asText(says) || asText(signal) || JSON.stringify(evidence);
}

export type Rule = { target: string; sources: string[] };

export function ruleOf(rule: unknown): Rule | null {
  if (rule === null || rule === undefined) return null;
  const { target, sources } = asKnown(rule);
  return { target: asText(target), sources: asList(sources).map(asText) };
}

/** Puts a rule in words: the columns it reads and the steps it takes. */
export function describeRule(rule: unknown): string | null {
  const known = ruleOf(rule);
  if (!known) return null;
  const steps = asList(asKnown(rule).transforms).map((step) => {
    const { kind, ...rest } = asKnown(step);
    const details = Object.values(rest).filter((value) => typeof value === "string" || typeof value === "number");
    return [asText(kind).replaceAll("_", " "), ...details].join(" ");
  });
  const confidence = asKnown(rule).confidence;
  const sure = typeof confidence === "number" ? ` (${formatConfidence(confidence)})` : "";
  return `${[known.sources.join(" + ") || "constant", ...steps].join(", then ")}${sure}`;
}

export function changesOf(edits: RuleEdit[]): Change[] {
  return edits.map(({ entity, before, after }) => ({
    name: `${entity}.${(ruleOf(after) ?? ruleOf(before))?.target ?? ""}`,
    before: describeRule(before),
    after: describeRule(after),
  }));
}

/** Says whether a repair leaves rules whose columns a person may write otherwise. */
export const isEditable = (candidate: Candidate): boolean => candidate.edits.some((edit) => edit.after);

/** Returns the edits with the columns that a person wrote in the place of the proposed ones; null when nothing was changed. */
export function editedBy(edits: RuleEdit[], written: Record<number, string>): RuleEdit[] | null {
  let changed = false;
  const next = edits.map((edit, at) => {
    const text = written[at];
    const known = ruleOf(edit.after);
    if (text === undefined || !known) return edit;
    const sources = text
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean);
    if (sources.length === 0 || sources.join() === known.sources.join()) return edit;
    changed = true;
    return { ...edit, after: { ...edit.after, sources } };
  });
  return changed ? next : null;
}
