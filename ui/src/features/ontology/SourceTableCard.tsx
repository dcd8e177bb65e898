// One table of a source: its columns with type and samples, and the field or the reason each one ended with.
import { ChevronDown } from "lucide-react";
import type { SourceColumn, SourceTable } from "@/api/types";
import { formatConfidence, formatCount } from "@/lib/format";
import { text } from "@/text/ontology";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Confidence } from "@/ui/Confidence";
import { TableFrame, Td, Th } from "@/ui/Table";
import { Evidence } from "./Evidence";

const SAMPLES_SHOWN = 3;
const CANDIDATES_SHOWN = 3;

export function SourceTableCard({ table }: { table: SourceTable }) {
  return (
    <Card
      flush
      title={
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-[0.9375rem]">{table.name}</span>
          {table.entity ? <Badge tone="ontology">{table.entity}</Badge> : <Badge>{text.noEntity}</Badge>}
        </span>
      }
      aside={<span className="num text-sm text-faint">{text.columnsAndRows(table.columns.length, table.rows)}</span>}
    >
      <TableFrame label={text.columnsOf(table.name)} className="max-md:hidden">
        <thead>
          <tr>
            <Th className="w-[20%]">{text.column}</Th>
            <Th className="w-[16%]">{text.type}</Th>
            <Th className="w-[22%]">{text.samples}</Th>
            <Th>{text.became}</Th>
          </tr>
        </thead>
        <tbody>
          {table.columns.map((column) => (
            <tr key={column.name} className="hover:bg-raised/50">
              <Td className="font-mono text-[0.8125rem] break-all">{column.name}</Td>
              <Td>
                <TypeOf column={column} />
              </Td>
              <Td className="text-soft">
                <Samples column={column} />
              </Td>
              <Td>
                <Fate column={column} />
              </Td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <ul className="md:hidden">
        {table.columns.map((column) => (
          <li key={column.name} className="grid gap-1.5 border-t border-line px-5 py-3 text-sm">
            <div className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 font-mono text-[0.8125rem] font-semibold break-all">{column.name}</span>
              <span className="shrink-0 text-right text-xs">
                <TypeOf column={column} />
              </span>
            </div>
            <div className="text-soft">
              <Samples column={column} />
            </div>
            <Fate column={column} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function TypeOf({ column }: { column: SourceColumn }) {
  return (
    <>
      {column.type}
      <span className="block text-xs text-faint">
        {[
          column.nullable ? text.mayBeEmpty : text.neverEmpty,
          column.distinct != null && text.distinct(formatCount(column.distinct)),
        ]
          .filter(Boolean)
          .join(", ")}
      </span>
    </>
  );
}

function Samples({ column }: { column: SourceColumn }) {
  const shown = column.samples.filter((sample) => sample !== "").slice(0, SAMPLES_SHOWN);
  if (shown.length === 0) return <span className="text-faint">{text.noValues}</span>;
  return <span className="line-clamp-2 break-words">{shown.join(" · ")}</span>;
}

function Fate({ column }: { column: SourceColumn }) {
  if (!column.field) {
    return (
      <div className="grid gap-1">
        <span className="text-soft">{column.reason ?? text.keptAsItIsOutsideThe}</span>
        <Candidates column={column} />
      </div>
    );
  }
  return (
    <details className="group">
      <summary className="flex list-none flex-wrap items-center gap-2 [&::-webkit-details-marker]:hidden">
        <span className="font-mono text-[0.8125rem] break-all text-ontology">
          {column.entity ? `${column.entity}.${column.field}` : column.field}
        </span>
        {column.confidence != null && <Confidence value={column.confidence} />}
        <span className="flex items-center gap-0.5 text-xs text-faint group-hover:text-ink">
          {text.why}
          <ChevronDown aria-hidden="true" className="size-3.5 transition-transform group-open:rotate-180" />
        </span>
      </summary>
      <div className="mt-1.5 grid gap-1.5 text-soft">
        <Evidence items={column.evidence} />
        <Candidates column={column} />
      </div>
    </details>
  );
}

function Candidates({ column }: { column: SourceColumn }) {
  const others = column.candidates
    .filter((candidate) => candidate.entity !== column.entity || candidate.field !== column.field)
    .slice(0, CANDIDATES_SHOWN);
  if (others.length === 0) return null;
  return (
    <span className="num text-xs break-words text-faint">
      {text.alsoWeighed}{" "}
      {others.map((other) => `${other.entity}.${other.field} ${formatConfidence(other.confidence)}`).join(", ")}
    </span>
  );
}
