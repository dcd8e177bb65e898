// What the picture holds: each entity with its records, the fullest first.
import { Link } from "@tanstack/react-router";
import type { GraphState } from "@/api/types";
import { formatCount } from "@/lib/format";
import { text } from "@/text/home";
import { Card } from "@/ui/Card";

export function Holdings({ state }: { state: GraphState }) {
  const entities = state.nodes
    .flatMap((node) => (node.type === "ontology" && node.records ? [{ ...node, records: node.records }] : []))
    .sort((a, b) => b.records - a.records);
  const most = entities[0]?.records ?? 1;
  return (
    <Card title={text.holds}>
      <ul className="grid gap-2.5">
        {entities.map((entity) => (
          <li key={entity.id}>
            <Link
              to="/records"
              search={{ entity: entity.id.replace(/^dcl_/, "") }}
              className="group grid grid-cols-[8rem_minmax(0,1fr)_4rem] items-center gap-3 rounded-lg text-sm"
            >
              <span className="truncate font-semibold underline-offset-4 group-hover:underline">{entity.label}</span>
              <span aria-hidden="true" className="h-2 overflow-hidden rounded-full bg-line">
                <span
                  className="block h-full rounded-full bg-ontology"
                  style={{ width: `${Math.max(1, (entity.records / most) * 100)}%` }}
                />
              </span>
              <span className="num text-right text-soft">{formatCount(entity.records)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
