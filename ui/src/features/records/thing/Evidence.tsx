// What each field says about two records being one thing, and what comes out of it.

import { fieldLabel } from "@/lib/fieldLabel";
import { words } from "@/lib/format";
import { fieldsOf, sumsOf } from "@/lib/pairEvidence";
import { text } from "@/text/golden";
import { TableFrame, Td, Th } from "@/ui/Table";

type Props = { left: string; right: string; evidence: unknown };

export function Evidence({ left, right, evidence }: Props) {
  const sums = sumsOf(evidence);
  return (
    <>
      <TableFrame label={text.evidenceOf(left, right)} className="rounded-xl border border-line">
        <thead>
          <tr>
            <Th>{text.field}</Th>
            <Th>
              <span className="font-mono">{left}</span>
            </Th>
            <Th>
              <span className="font-mono">{right}</span>
            </Th>
            <Th>{text.says}</Th>
          </tr>
        </thead>
        <tbody>
          {fieldsOf(evidence).map((field) => (
            <tr key={field.name}>
              <Td className="font-semibold text-ontology" title={field.name}>
                {fieldLabel(field.name)}
              </Td>
              <Td className="break-words">{field.left || "–"}</Td>
              <Td className="break-words">{field.right || "–"}</Td>
              <Td className={`num whitespace-nowrap ${field.bits < 0 ? "text-bad" : "text-good"}`}>
                {words(field.level).toLowerCase()}, {text.bits(signed(field.bits))}
              </Td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <p className="num text-sm text-faint">{text.before(signed(sums.prior), signed(sums.rivals))}</p>
    </>
  );
}

function signed(bits: number): string {
  return `${bits >= 0 ? "+" : "−"}${Math.abs(bits).toFixed(1)}`;
}
