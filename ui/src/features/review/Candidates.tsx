// The repairs there are, one of them chosen: how likely it is and why, and the rules before and after, which a person may change.
import { clsx } from "clsx";
import { useEffect, useRef } from "react";
import { formatConfidence, words } from "@/lib/format";
import { text } from "@/text/review";
import { Badge } from "@/ui/Badge";
import { Diff } from "@/ui/Diff";
import { Field } from "@/ui/Field";
import { type Candidate, changesOf, editedBy, isEditable, ruleOf } from "./item";

type Props = {
  candidates: Candidate[];
  chosen: number;
  locked: boolean;
  written: Record<number, string>;
  editing: boolean;
  onChoose: (at: number) => void;
  onWrite: (at: number, value: string) => void;
  onEditing: (editing: boolean) => void;
};

export function Candidates({ candidates, chosen, locked, written, editing, onChoose, onWrite, onEditing }: Props) {
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (editing) fields.current?.querySelector("input")?.focus();
  }, [editing]);
  const candidate = candidates[chosen];
  if (!candidate) return <p className="text-soft">{text.noCandidate}</p>;
  const edits = editedBy(candidate.edits, written) ?? candidate.edits;
  return (
    <section className="grid gap-3">
      <fieldset className="grid gap-2">
        <legend className="mb-2 font-bold">{text.candidates}</legend>
        {candidates.map((one, at) => (
          <label
            key={`${one.repair}/${one.to}`}
            className={clsx(
              "flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1.5 rounded-xl border px-4 py-3",
              at === chosen ? "border-accent bg-raised/50" : "border-line hover:border-line-strong",
            )}
          >
            <input
              type="radio"
              name="candidate"
              className="size-[1.1rem] accent-accent"
              checked={at === chosen}
              disabled={locked}
              onChange={() => onChoose(at)}
            />
            <span className="font-semibold">{words(one.repair)}</span>
            {one.to && <span className="font-mono text-[0.8125rem] break-all">{one.to}</span>}
            <span className="ml-auto flex flex-wrap items-center gap-2">
              <span className="num text-sm font-semibold">{formatConfidence(one.probability)}</span>
              <Badge tone={one.tier === "auto" ? "good" : one.tier === "review" ? "warn" : "neutral"}>
                {text.tiers[one.tier] ?? one.tier}
              </Badge>
            </span>
          </label>
        ))}
      </fieldset>
      <ul className="grid list-disc gap-0.5 pl-5 text-sm text-soft marker:text-faint">
        {candidate.evidence.map((line) => (
          <li key={line} className="break-words">
            {line}
          </li>
        ))}
        <li>{text.proof[candidate.proof] ?? candidate.proof}</li>
      </ul>
      {candidate.held && (
        <p className="rounded-xl border border-warn/40 bg-warn/10 px-4 py-2.5 text-sm break-words">
          <span className="font-semibold">{text.held}:</span> {candidate.held}
        </p>
      )}
      {edits.length > 0 && (
        <>
          <h3 className="mt-1 font-bold">{text.rules}</h3>
          <Diff label={text.rules} changes={changesOf(edits)} />
        </>
      )}
      {!locked && isEditable(candidate) && (
        <details className="text-sm" open={editing} onToggle={(event) => onEditing(event.currentTarget.open)}>
          <summary className="w-fit font-semibold text-accent">{text.edit}</summary>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the fields in it are what is interacted with */}
          <div
            ref={fields}
            className="mt-3 grid max-w-xl gap-3"
            onKeyDown={(event) => event.key === "Escape" && (event.target as HTMLElement).blur()}
          >
            {candidate.edits.map((edit, at) => {
              const rule = ruleOf(edit.after);
              if (!rule) return null;
              return (
                <Field
                  key={`${edit.entity}.${rule.target}`}
                  label={text.editOf(`${edit.entity}.${rule.target}`)}
                  hint={text.editHint}
                  className="font-mono"
                  spellCheck={false}
                  value={written[at] ?? rule.sources.join(", ")}
                  onChange={(event) => onWrite(at, event.target.value)}
                />
              );
            })}
          </div>
        </details>
      )}
    </section>
  );
}
