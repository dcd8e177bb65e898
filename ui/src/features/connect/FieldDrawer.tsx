// One field of the ontology: what it means, and of every column that feeds it how sure that is, why, and what is done to its values.
import { Link } from "@tanstack/react-router";
import { text as all } from "@/text/tables";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { Drawer } from "@/ui/Drawer";
import type { FeedingColumn, FieldRow } from "./tableRows";

const text = all.ontology;
const linkClass = "font-semibold text-accent underline-offset-4 hover:underline";

export function FieldDrawer({ row, onClose }: { row: FieldRow; onClose: () => void }) {
  const { id, entity, field, columns } = row;
  return (
    <Drawer
      title={<span className="font-mono text-ontology">{id}</span>}
      onClose={onClose}
      summary={<Badge>{field.unit ? `${field.type}, ${field.unit}` : field.type}</Badge>}
    >
      <div className="grid gap-4 px-5 py-4 sm:px-6">
        <p className="text-soft">{field.description}</p>
        <p className="flex flex-wrap gap-x-5 gap-y-2 text-sm">
          <Link to="/lineage" search={{ field: id }} className={linkClass}>
            {text.trace}
          </Link>
          <Link to="/mappings" search={{ entity: entity.name }} className={linkClass}>
            {text.mapping}
          </Link>
        </p>
        {columns.length === 0 ? (
          <p className="text-faint">{text.nothing}</p>
        ) : (
          <ul className="grid gap-3">
            {columns.map((column) => (
              <FedBy key={`${column.source}/${column.table}/${column.source_field}`} column={column} />
            ))}
          </ul>
        )}
      </div>
    </Drawer>
  );
}

function FedBy({ column }: { column: FeedingColumn }) {
  const { source, table, source_field, confidence, evidence, transform, version } = column;
  return (
    <li className="grid gap-2 rounded-xl border border-line p-4 text-sm">
      <p className="flex flex-wrap items-center justify-between gap-2">
        <span className="min-w-0 font-mono text-[0.8125rem] break-all">
          <span className="text-source">{source}</span> {table}.{source_field}
        </span>
        <Confidence value={confidence} />
      </p>
      {evidence.length > 0 && (
        <ul className="grid list-disc gap-1 pl-5 text-soft marker:text-faint">
          {evidence.map((reason) => (
            <li key={reason} className="break-words">
              {reason}
            </li>
          ))}
        </ul>
      )}
      <p className="flex flex-wrap gap-x-4 text-xs text-faint">
        {transform && (
          <span>
            {text.transform} {transform}
          </span>
        )}
        <span>{text.version(version)}</span>
      </p>
    </li>
  );
}
