// One unified record: each value with the table and column it came from, how sure that is, and the values it displaced.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, call } from "@/api/client";
import { recordQuery } from "@/api/queries";
import type { Cell, OntologyEntity, UnifiedRecord } from "@/api/types";
import { fieldLabel } from "@/lib/fieldLabel";
import { formatCount, formatValue } from "@/lib/format";
import { nameFrom, namesFirst } from "@/lib/naming";
import { text as golden } from "@/text/golden";
import { text as say } from "@/text/records";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { Drawer } from "@/ui/Drawer";
import { Query } from "@/ui/Query";

type Props = { entity: OntologyEntity; source: string; recordId: string; onClose: () => void };

export function RecordDrawer({ entity, source, recordId, onClose }: Props) {
  const unified = useQuery(recordQuery(entity.name, source, recordId));
  const streams = unified.data ? streamsOf(unified.data) : [];
  const called = nameFrom((field) => formatValue(unified.data?.cells[field]?.value));
  return (
    <Drawer
      title={<bdi>{called ?? recordId}</bdi>}
      onClose={onClose}
      summary={
        <>
          <Badge tone="ontology">{entity.label}</Badge>
          <Badge tone="source">{source}</Badge>
          <span className="font-mono text-xs break-all text-faint">{recordId}</span>
          {streams.length > 1 && (
            <span>
              {say.unifiedFrom} {streams.join(", ")}
            </span>
          )}
        </>
      }
    >
      <ThingLink entity={entity} source={source} recordId={recordId} />
      <Query query={unified} loading={say.loadingTheRecord}>
        {(record) => <Fields entity={entity} unified={record} />}
      </Query>
    </Drawer>
  );
}

/** The way to the thing that this record is. */
function ThingLink({ entity, source, recordId }: Omit<Props, "onClose">) {
  const thing = useQuery({
    queryKey: ["golden", entity.name, "of", source, recordId],
    queryFn: ({ signal }) =>
      call(
        api.GET("/api/v1/dcl/golden/{entity}/of/{source}/{record_id}", {
          signal,
          params: { path: { entity: entity.name, source, record_id: recordId } },
        }),
      ),
    retry: false,
  });
  if (!thing.data) return null;
  const records = thing.data.members.length;
  return (
    <p className="border-b border-line/60 px-5 py-3 sm:px-6">
      <Link
        to="/thing"
        search={{ entity: entity.name, source, record: recordId }}
        className="font-semibold text-accent underline-offset-4 hover:underline"
      >
        {records > 1 ? golden.explain(records) : golden.explainAlone}
      </Link>
    </p>
  );
}

/** Names every table that holds a part of this record, also one whose values all lost. */
function streamsOf(unified: UnifiedRecord): string[] {
  const { _streams: listed } = unified.record as { _streams?: unknown };
  const used = Object.values(unified.cells).map((cell) => cell.stream);
  return [...new Set([...(Array.isArray(listed) ? listed.map(String) : []), ...used])].sort();
}

function Fields({ entity, unified }: { entity: OntologyEntity; unified: UnifiedRecord }) {
  const known = namesFirst(entity.fields.filter((field) => unified.cells[field.name]));
  const names = new Set(entity.fields.map((field) => field.name));
  const others = Object.keys(unified.cells).filter((name) => !names.has(name));
  const empty = entity.fields.filter((field) => !unified.cells[field.name]);
  return (
    <>
      <dl>
        {known.map((field) => (
          <Field
            key={field.name}
            entity={entity.name}
            name={field.name}
            type={field.type}
            unit={field.unit}
            cell={unified.cells[field.name]}
          />
        ))}
        {others.map((name) => (
          <Field key={name} entity={entity.name} name={name} type="string" cell={unified.cells[name]} />
        ))}
      </dl>
      {empty.length > 0 && (
        <p className="px-5 pt-4 text-sm text-faint sm:px-6">
          {say.thisRecordHasNo} {empty.map((field) => fieldLabel(field.name)).join(", ")}.
        </p>
      )}
      <Extras extras={unified.extras} />
    </>
  );
}

/** What the source holds beyond the ontology, by table; it is kept, though no field takes it. */
function Extras({ extras }: { extras: Record<string, unknown> }) {
  const tables = Object.entries(extras).filter(([, values]) => values !== null && typeof values === "object");
  if (tables.length === 0) return null;
  return (
    <section className="px-5 pt-5 sm:px-6">
      <h3 className="font-bold">{say.keptBeyondTheOntology}</h3>
      {tables.map(([table, values]) => (
        <details key={table} className="mt-2 text-sm">
          <summary className="text-soft hover:text-ink">
            <span className="font-mono text-[0.8125rem] text-source">{table}</span>{" "}
            {say.columnCount(Object.keys(values as object).length)}
          </summary>
          <dl className="mt-2 grid gap-x-6 gap-y-1 sm:grid-cols-[minmax(9rem,max-content)_1fr]">
            {Object.entries(values as object).map(([column, value]) => (
              <div key={column} className="contents">
                <dt className="font-mono text-[0.8125rem] break-all text-faint">{column}</dt>
                <dd className="break-words text-soft max-sm:mb-1">{formatValue(value) || "–"}</dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
    </section>
  );
}

type FieldProps = { entity: string; name: string; type: string; unit?: string | null; cell?: Cell };

function Field({ entity, name, type, unit, cell }: FieldProps) {
  if (!cell) return null;
  const text = formatValue(cell.value, type);
  return (
    <div
      data-field={name}
      className="grid gap-x-6 gap-y-1 border-b border-line/60 px-5 py-3 sm:grid-cols-[11rem_minmax(0,1fr)] sm:px-6"
    >
      <dt className="text-sm break-words text-ontology sm:pt-0.5">
        <Link
          to="/lineage"
          search={{ field: `${entity}.${name}` }}
          title={say.traceField(name)}
          className="underline-offset-4 hover:underline"
        >
          {fieldLabel(name)}
        </Link>
      </dt>
      <dd className="grid gap-1">
        <span className="num font-semibold break-words">
          {text === "" ? <span className="text-faint">{say.empty}</span> : text}
          {text !== "" && unit && unit !== "money" && <span className="ml-1.5 font-medium text-faint">{unit}</span>}
        </span>
        <Provenance cell={cell} />
        {cell.losing.length > 0 && <Losing cell={cell} type={type} />}
      </dd>
    </div>
  );
}

function Provenance({ cell }: { cell: Cell }) {
  const raw = cell.raw ? say.rawRow(formatCount(cell.raw.row)) : null;
  const version = cell.mapping_version == null ? null : say.mappingVersion(cell.mapping_version);
  return (
    <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm text-soft">
      <span className="font-mono text-[0.8125rem] break-all">
        <span className="text-source">{cell.stream}</span>.{cell.source_field}
      </span>
      {cell.confidence != null && <Confidence value={cell.confidence} />}
      <span className="num text-xs text-faint" title={cell.raw ? say.lakeSegment(cell.raw.segment) : undefined}>
        {[version, raw].filter(Boolean).join(", ")}
      </span>
    </span>
  );
}

function Losing({ cell, type }: { cell: Cell; type: string }) {
  return (
    <details className="text-sm text-soft">
      <summary className="text-faint hover:text-ink">{say.valuesSetAside(cell.losing.length)}</summary>
      <ul className="mt-1 grid gap-1 border-l-2 border-line pl-3">
        {cell.losing.map((other) => (
          <li key={`${other.stream}.${other.source_field}`} className="break-words">
            <span className="num">{formatValue(other.value, type) || say.empty}</span>{" "}
            <span className="font-mono text-xs text-faint">
              {other.stream}.{other.source_field}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
