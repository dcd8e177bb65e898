// Questions that everybody has, each answered with what is stored of this organisation. Pure.
import type { Connection, GraphState, ModelSettingsShown, Models, RegisteredAgent } from "@/api/types";
import { formatAgo, formatConfidence, formatCount } from "@/lib/format";
import { mappedColumns } from "@/lib/mappedColumns";
import { text as all } from "@/text/home";

const text = all.faq;
const ENTITIES_NAMED = 3;

export type Answer = { question: string; answer: string; to: string; link: string };

/** What the answers are made of; what nobody has told yet is left out, and with it the question. */
export type Known = {
  state: GraphState;
  connections: Connection[];
  drifting?: number;
  agents?: RegisteredAgent[];
  models?: Models;
  model?: ModelSettingsShown;
  nowMs: number;
};

export function answersOf(known: Known): Answer[] {
  const answers = [
    connected(known),
    held(known),
    lost(known),
    sure(known),
    changed(known),
    used(known),
    modelAsked(known),
  ];
  return [...answers.filter((answer) => answer !== null), written(known)];
}

function connected({ connections, nowMs }: Known): Answer | null {
  if (connections.length === 0) return null;
  const tables = connections.reduce((sum, { streams }) => sum + streams.length, 0);
  const begun = connections.flatMap(({ last_run: run }) => (run ? [run.started_at] : [])).sort();
  const last = begun.at(-1);
  return {
    question: text.connected.question,
    answer: [
      text.connected.answer(connections.length, tables),
      last ? text.connected.last(formatAgo(last, nowMs)) : text.connected.never,
    ].join(" "),
    to: "/connections",
    link: text.connected.link,
  };
}

function held({ state }: Known): Answer | null {
  const entities = state.nodes
    .flatMap(({ type, label, records }) => (type === "ontology" && records ? [{ label, records }] : []))
    .sort((a, b) => b.records - a.records);
  if (entities.length === 0) return null;
  const named = entities
    .slice(0, ENTITIES_NAMED)
    .map(({ label, records }) => text.held.of(label, formatCount(records)))
    .join(", ");
  return {
    question: text.held.question,
    answer: text.held.answer(
      entities.reduce((sum, { records }) => sum + records, 0),
      named,
      Math.max(0, entities.length - ENTITIES_NAMED),
    ),
    to: "/records",
    link: text.held.link,
  };
}

function lost({ state: { ledger } }: Known): Answer | null {
  if (ledger.read === 0) return null;
  return {
    question: text.lost.question,
    answer: text.lost.answer(ledger),
    to: ledger.rejected > 0 ? "/rejections" : "/ledger",
    link: ledger.rejected > 0 ? text.lost.rejections : text.lost.link,
  };
}

function sure({ state }: Known): Answer | null {
  const labels = new Map(
    state.nodes.map(({ id, label, sourceKey }) => [id, sourceKey ? `${sourceKey} ${label}` : label]),
  );
  const [weakest] = state.edges
    .flatMap(({ source, target, field_mappings }) =>
      field_mappings.map((mapping) => ({ ...mapping, table: labels.get(source), entity: labels.get(target) })),
    )
    .sort((a, b) => a.confidence - b.confidence);
  if (!weakest || state.confidence == null) return null;
  return {
    question: text.sure.question,
    answer: text.sure.answer(
      mappedColumns(state),
      formatConfidence(state.confidence),
      `${weakest.table}.${weakest.source} → ${weakest.entity}.${weakest.onto_field}`,
      formatConfidence(weakest.confidence),
    ),
    to: "/mappings",
    link: text.sure.link,
  };
}

function changed({ drifting, state }: Known): Answer | null {
  if (drifting === undefined || state.ledger.read === 0) return null;
  return {
    question: text.changed.question,
    answer: drifting === 0 ? text.changed.none : text.changed.answer(drifting),
    to: "/review",
    link: text.changed.link,
  };
}

function used({ agents }: Known): Answer | null {
  const pilots = agents?.filter(({ open_findings: findings }) => findings != null) ?? [];
  if (pilots.length === 0) return null;
  const findings = pilots.reduce((sum, { open_findings: open }) => sum + (open ?? 0), 0);
  return {
    question: text.used.question,
    answer: text.used.answer(pilots.map(({ id, name }) => name || id).join(", "), findings),
    to: "/agents",
    link: text.used.link,
  };
}

function modelAsked({ models, model }: Known): Answer | null {
  if (!models || !model) return null;
  const name = model.model ?? model.provider;
  const asked = models.usable && name ? text.model.yes(name) : null;
  return {
    question: text.model.question,
    answer: asked ?? (model.production_mode ? text.model.production : name ? text.model.not(name) : text.model.none),
    to: "/settings/models",
    link: text.model.link,
  };
}

function written({ connections }: Known): Answer {
  return {
    question: text.written.question,
    answer: text.written.answer(connections.length),
    to: "/help",
    link: text.written.link,
  };
}
