// Two records that may be one thing: what each field says for and against it.
import type { Review } from "@/api/types";
import { words } from "@/lib/format";
import { fieldsOf } from "@/lib/pairEvidence";
import { text as all } from "@/text/review";
import { TableFrame, Td, Th } from "@/ui/Table";

const text = all.pair;

type Side = { source?: string; record_id?: string };

export function PairPanel({ review }: { review: Review }) {
  const { left, right, evidence } = review.payload as { left?: Side; right?: Side; evidence?: unknown };
  const fields = fieldsOf(evidence);
  return (
    <section className="grid gap-3">
      <p className="text-soft">{text.lead}</p>
      <TableFrame label={text.label} className="rounded-xl border border-line">
        <thead>
          <tr>
            <Th>{text.field}</Th>
            <SideHeading side={left} />
            <SideHeading side={right} />
            <Th>{text.says}</Th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <Td className="font-mono text-[0.8125rem] text-ontology">{field.name}</Td>
              <Td className="break-words">{field.left || "–"}</Td>
              <Td className="break-words">{field.right || "–"}</Td>
              <Td className={field.bits < 0 ? "text-bad" : "text-good"}>
                {words(field.level).toLowerCase()}, {text.bits(field.bits)}
              </Td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </section>
  );
}

function SideHeading({ side }: { side: Side | undefined }) {
  return (
    <Th>
      <span className="text-source">{side?.source}</span> <span className="font-mono">{side?.record_id}</span>
    </Th>
  );
}
