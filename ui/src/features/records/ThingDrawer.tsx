// A thing, explained: each value with the rule by which it survived and the values that did not, its records, and why they are one.
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { GoldenCell, GoldenDetail, OntologyEntity } from "@/api/types";
import { formatValue, words } from "@/lib/format";
import { fieldsOf } from "@/lib/pairEvidence";
import { text } from "@/text/golden";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { Drawer } from "@/ui/Drawer";
import { Query } from "@/ui/Query";

type Props = { entity: OntologyEntity; id: string; onClose: () => void };

export function ThingDrawer({ entity, id, onClose }: Props) {
  const thing = useQuery({
    queryKey: ["golden", entity.name, "one", id],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/dcl/golden/{entity}/{id}", { signal, params: { path: { entity: entity.name, id } } })),
  });
  return (
    <Drawer
      title={`${text.thing} ${id.slice(0, 8)}`}
      onClose={onClose}
      summary={
        <>
          <Badge tone="ontology">{entity.label}</Badge>
          {thing.data && (
            <>
              <span className="num">{text.count(thing.data.members.length)}</span>
              <span className="flex items-center gap-2">
                {text.cohesion} <Confidence value={thing.data.cohesion} />
              </span>
            </>
          )}
        </>
      }
    >
      <Query query={thing} loading={text.loadingOne}>
        {(known) => <Explained entity={entity} thing={known} />}
      </Query>
    </Drawer>
  );
}

function Explained({ entity, thing }: { entity: OntologyEntity; thing: GoldenDetail }) {
  const fields = entity.fields.filter((field) => thing.cells[field.name]);
  return (
    <>
      {thing.merged_into && <p className="px-5 pt-4 text-warn sm:px-6">{text.merged}</p>}
      <dl>
        {fields.map((field) => (
          <CellRow key={field.name} name={field.name} type={field.type} cell={thing.cells[field.name]} />
        ))}
      </dl>
      <section className="px-5 pt-5 sm:px-6">
        <h3 className="mb-2 font-bold">{text.members}</h3>
        <ul className="flex flex-wrap gap-2">
          {thing.members.map((member) => (
            <li
              key={`${member.source}/${member.record_id}`}
              className="rounded-xl border border-line px-3 py-1.5 text-sm"
            >
              <span className="text-source">{member.source}</span>{" "}
              <span className="font-mono text-[0.8125rem] break-all">{member.record_id}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="px-5 pt-5 sm:px-6">
        <h3 className="mb-2 font-bold">{text.links}</h3>
        <ul className="grid gap-3">
          {thing.links.map((link) => (
            <li key={`${link.left}/${link.right}`} className="rounded-xl border border-line bg-bg/40 p-3.5 text-sm">
              <p className="font-mono text-[0.8125rem] break-all">
                {link.left} = {link.right}
              </p>
              <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-soft">
                {fieldsOf(link.evidence).map((field) => (
                  <li key={field.name} className={field.bits < 0 ? "text-bad" : undefined}>
                    {field.name}: {words(field.level).toLowerCase()}, {text.bits(field.bits.toFixed(1))}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function CellRow({ name, type, cell }: { name: string; type: string; cell: GoldenCell | undefined }) {
  if (!cell) return null;
  return (
    <div className="grid gap-x-6 gap-y-1 border-b border-line/60 px-5 py-3 sm:grid-cols-[11rem_minmax(0,1fr)] sm:px-6">
      <dt className="font-mono text-[0.8125rem] break-all text-ontology sm:pt-0.5">{name}</dt>
      <dd className="grid gap-1">
        <span className="num font-semibold break-words">{formatValue(cell.value, type) || "–"}</span>
        <span className="text-sm text-soft">
          {text.from} <span className="text-source">{cell.source}</span>, {text.rules[cell.rule] ?? words(cell.rule)}
        </span>
        {cell.losing.length > 0 && (
          <details className="text-sm text-soft">
            <summary className="text-faint hover:text-ink">{text.others(cell.losing.length)}</summary>
            <ul className="mt-1 grid gap-1 border-l-2 border-line pl-3">
              {cell.losing.map((other) => (
                <li key={`${other.source}/${other.record_id}`} className="break-words">
                  <span className="num">{formatValue(other.value, type) || "–"}</span>{" "}
                  <span className="text-xs text-faint">
                    {other.source} {other.record_id}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </dd>
    </div>
  );
}
