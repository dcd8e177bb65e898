// What is true of a thing beside what each of its records says: the value that survives is marked where it is from, the others are set aside.
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import type { GoldenCell, GoldenDetail, OntologyEntity } from "@/api/types";
import { fieldLabel } from "@/lib/fieldLabel";
import { formatValue, words } from "@/lib/format";
import { formatRecordKey } from "@/lib/recordKey";
import { text } from "@/text/golden";
import { Badge } from "@/ui/Badge";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";

type Props = { entity: OntologyEntity | undefined; thing: GoldenDetail };

export function Values({ entity, thing }: Props) {
  const types = new Map((entity?.fields ?? []).map((field) => [field.name, field.type]));
  const order = [...types.keys()];
  const fields = Object.keys(thing.cells).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return (
    <TableFrame label={text.values}>
      <thead>
        <tr>
          <Th>{text.field}</Th>
          <Th>{text.survives}</Th>
          {thing.members.map((member) => (
            <Th key={`${member.source}/${member.record_id}`}>
              <span className="text-source">{member.source}</span>
              <Link
                to="/records"
                search={{ entity: thing.entity, record: formatRecordKey(member.source, member.record_id) }}
                title={text.provenance}
                className="block max-w-48 truncate font-mono text-[0.8125rem] text-accent underline-offset-4 hover:underline"
              >
                {member.record_id}
              </Link>
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => {
          const cell = thing.cells[field];
          const type = types.get(field) ?? "string";
          return (
            cell && (
              <tr key={field} className="hover:bg-raised/50">
                <Td className="font-semibold text-ontology" title={field}>
                  {fieldLabel(field)}
                </Td>
                <Td>
                  <Survivor cell={cell} type={type} alone={thing.members.length === 1} />
                </Td>
                {thing.members.map((member) => {
                  const is = (other: { source: string; record_id: string }) =>
                    other.source === member.source && other.record_id === member.record_id;
                  const won = is(cell);
                  return (
                    <Td
                      key={`${member.source}/${member.record_id}`}
                      className={cell.losing.some(is) ? "text-faint" : ""}
                    >
                      <span className="flex items-baseline gap-1.5">
                        <CellText text={formatValue((member.record as Record<string, unknown>)[field], type)} />
                        {won && (
                          <>
                            <CircleCheck aria-hidden="true" className="size-3.5 shrink-0 self-center text-good" />
                            <span className="sr-only">{text.won}</span>
                          </>
                        )}
                      </span>
                    </Td>
                  );
                })}
              </tr>
            )
          );
        })}
      </tbody>
    </TableFrame>
  );
}

/** `alone`: no other record could have said something else. */
function Survivor({ cell, type, alone }: { cell: GoldenCell; type: string; alone: boolean }) {
  return (
    <>
      <span className="num block max-w-72 font-semibold break-words">{formatValue(cell.value, type) || "–"}</span>
      <span className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-soft">
        {alone ? text.onlyRecord : (text.rules[cell.rule] ?? words(cell.rule))}
        {cell.losing.length > 0 && <span className="text-faint">{text.others(cell.losing.length)}</span>}
        {cell.masked && <Badge tone="warn">{text.masked(words(cell.masked).toLowerCase())}</Badge>}
      </span>
    </>
  );
}
