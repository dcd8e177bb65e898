// The fields of an entity as the ontology defines them, with the number of columns that feed each.
import type { OntologyEntity } from "@/api/types";
import { words } from "@/lib/format";
import { text } from "@/text/ontology";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";

export function EntityFields({ entity }: { entity: OntologyEntity }) {
  const feeds = (field: string) =>
    entity.source_mappings.filter((mapping) => mapping.field_mappings.some((item) => item.ontology_field === field))
      .length;
  return (
    <Card title={text.fieldsOf(entity.label.toLowerCase())} flush>
      <ul className="grid pb-2 text-sm sm:grid-cols-2 2xl:grid-cols-1">
        {entity.fields.map((field) => {
          const count = feeds(field.name);
          return (
            <li key={field.name} className="grid content-start gap-1 border-t border-line/60 px-5 py-2.5">
              <div className="flex items-baseline justify-between gap-3">
                <span className="min-w-0 font-mono text-[0.8125rem] break-all text-ontology">{field.name}</span>
                <span className="num shrink-0 text-xs text-faint">
                  {count === 0 ? text.noSource : count === 1 ? "1 table" : text.tables(count)}
                </span>
              </div>
              <p className="text-soft">{field.description}</p>
              <div className="flex flex-wrap gap-1.5">
                <Badge>{field.unit ? `${field.type}, ${field.unit}` : field.type}</Badge>
                {field.name === entity.key && <Badge tone="ontology">{text.key}</Badge>}
                {field.required && field.name !== entity.key && <Badge>{text.required}</Badge>}
                {field.references && (
                  <Badge>
                    {text.refersTo} {field.references}
                  </Badge>
                )}
                {field.pii && field.pii !== "none" && (
                  <Badge tone="warn">
                    {text.personal} {words(field.pii).toLowerCase()}
                  </Badge>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
