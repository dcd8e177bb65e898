// What would be different, field by field: before on the left, after on the right, with a sign and a word beside the colour.
import { clsx } from "clsx";
import { text } from "@/text/parts";
import { TableFrame, Td, Th } from "./Table";

export type Change = { name: string; before: string | null; after: string | null };
export type ChangeKind = "added" | "removed" | "changed" | "same";

export function kindOf({ before, after }: Change): ChangeKind {
  if (before === after) return "same";
  if (before === null) return "added";
  return after === null ? "removed" : "changed";
}

const LOOKS: Record<ChangeKind, { sign: string; className: string }> = {
  added: { sign: "+", className: "text-good" },
  removed: { sign: "−", className: "text-bad" },
  changed: { sign: "~", className: "text-warn" },
  same: { sign: "", className: "text-faint" },
};

type Props = { label: string; changes: Change[] };

export function Diff({ label, changes }: Props) {
  if (changes.every((change) => kindOf(change) === "same")) {
    return <p className="text-sm text-faint">{text.noDifference}</p>;
  }
  return (
    <TableFrame label={label} className="rounded-xl border border-line">
      <thead>
        <tr>
          <Th>{text.field}</Th>
          <Th>{text.before}</Th>
          <Th>{text.after}</Th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <ChangeRow key={change.name} change={change} />
        ))}
      </tbody>
    </TableFrame>
  );
}

function ChangeRow({ change }: { change: Change }) {
  const kind = kindOf(change);
  const look = LOOKS[kind];
  return (
    <tr data-change={kind}>
      <Td>
        <span className="font-mono text-[0.8125rem] break-all">{change.name}</span>{" "}
        {kind !== "same" && (
          <span className={clsx("text-xs font-semibold whitespace-nowrap", look.className)}>
            {look.sign} {text[kind]}
          </span>
        )}
      </Td>
      <Td className="max-w-80">
        {change.before !== null && (
          <span
            className={clsx(
              "break-words",
              kind === "same" ? "text-faint" : "rounded bg-bad/10 px-1 box-decoration-clone",
            )}
          >
            {kind === "same" ? change.before : <del className="no-underline">{change.before || "“”"}</del>}
          </span>
        )}
      </Td>
      <Td className="max-w-80">
        {change.after !== null && (
          <span
            className={clsx(
              "break-words",
              kind === "same" ? "text-faint" : "rounded bg-good/10 px-1 box-decoration-clone",
            )}
          >
            {kind === "same" ? change.after : <ins className="no-underline">{change.after || "“”"}</ins>}
          </span>
        )}
      </Td>
    </tr>
  );
}
