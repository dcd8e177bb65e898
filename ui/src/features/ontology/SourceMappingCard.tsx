// One table's mapping onto one entity: mapped columns with evidence, then the unmapped ones with their reason.
import { ArrowRight } from "lucide-react";
import type { OntologyEntity, SourceMapping } from "@/api/types";
import { text } from "@/text/ontology";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Confidence } from "@/ui/Confidence";
import { TableFrame, Td, Th } from "@/ui/Table";
import { Evidence } from "./Evidence";

export function SourceMappingCard({ mapping, entity }: { mapping: SourceMapping; entity: OntologyEntity }) {
  const mapped = [...mapping.field_mappings].sort(
    (a, b) => fieldOrder(entity, a.ontology_field) - fieldOrder(entity, b.ontology_field),
  );
  return (
    <Card
      flush
      title={
        <span className="flex flex-wrap items-center gap-2">
          <span>
            <span className="text-source">{mapping.source}</span>{" "}
            <span className="font-mono text-sm">{mapping.table}</span>
          </span>
          <Badge>{mapping.role === "main" ? text.mainEntity : text.furtherEntity}</Badge>
        </span>
      }
      aside={
        <span className="num text-sm text-faint">{text.mappedAndNot(mapped.length, mapping.unmapped.length)}</span>
      }
    >
      <TableFrame label={text.mappingOf(mapping.source, mapping.table)} className="max-md:hidden">
        <thead>
          <tr>
            <Th className="w-[22%]">{text.sourceColumn}</Th>
            <Th className="w-[22%]">{text.ontologyField}</Th>
            <Th className="w-[14%]">{text.confidence}</Th>
            <Th>{text.evidence}</Th>
          </tr>
        </thead>
        <tbody>
          {mapped.map((field) => (
            <tr key={`${field.source_field}>${field.ontology_field}`} className="hover:bg-raised/50">
              <Td className="font-mono text-[0.8125rem]">{field.source_field}</Td>
              <Td>
                <span className="font-mono text-[0.8125rem] text-ontology">{field.ontology_field}</span>
                {field.transform && <span className="block text-xs text-faint">{field.transform}</span>}
              </Td>
              <Td>
                <Confidence value={field.confidence} />
              </Td>
              <Td className="text-soft">
                <Evidence items={field.evidence} />
              </Td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <ul className="md:hidden">
        {mapped.map((field) => (
          <li
            key={`${field.source_field}>${field.ontology_field}`}
            className="grid gap-1.5 border-t border-line px-5 py-3 text-sm"
          >
            <span className="flex flex-wrap items-center gap-x-2 font-mono text-[0.8125rem]">
              <span className="break-all">{field.source_field}</span>
              <ArrowRight aria-label="to" className="size-3.5 text-faint" />
              <span className="break-all text-ontology">{field.ontology_field}</span>
            </span>
            <span>
              <Confidence value={field.confidence} />
            </span>
            <span className="text-soft">
              <Evidence items={field.evidence} />
            </span>
          </li>
        ))}
      </ul>
      {mapping.unmapped.length > 0 && <Unmapped mapping={mapping} />}
    </Card>
  );
}

function Unmapped({ mapping }: { mapping: SourceMapping }) {
  return (
    <details className="group px-5 py-3">
      <summary className="min-h-8 font-semibold text-soft marker:text-faint hover:text-ink">
        {text.unmappedCount(mapping.unmapped.length)}
      </summary>
      <dl className="mt-2 grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[minmax(10rem,max-content)_1fr]">
        {mapping.unmapped.map((column) => (
          <div key={column.source_field} className="contents">
            <dt className="font-mono text-[0.8125rem] break-all">{column.source_field}</dt>
            <dd className="text-soft max-sm:mb-1.5">{column.reason}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function fieldOrder(entity: OntologyEntity, field: string): number {
  const index = entity.fields.findIndex((candidate) => candidate.name === field);
  return index < 0 ? entity.fields.length : index;
}
