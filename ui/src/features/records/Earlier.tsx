// The records of an entity as they were at a moment, under the mappings of that time.
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { History } from "lucide-react";
import { api, call } from "@/api/client";
import type { OntologyEntity } from "@/api/types";
import { fieldLabel } from "@/lib/fieldLabel";
import { formatMoment, formatValue } from "@/lib/format";
import { nameFrom, namesFirst, namingField } from "@/lib/naming";
import { text } from "@/text/records";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { inputClass } from "@/ui/Field";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";
import { localMinute, momentOf } from "./moment";

const route = getRouteApi("/shell/records");
const PAGE_LIMIT = 50;
const COLUMNS_MAX = 8;

type Row = Record<string, unknown>;

export function Earlier({ entity, at }: { entity: OntologyEntity; at: string | undefined }) {
  const navigate = route.useNavigate();
  return (
    <Card flush>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-5 py-4">
        <label className="flex flex-wrap items-center gap-3 text-sm font-semibold">
          {text.asOf}
          <input
            type="datetime-local"
            max={localMinute(new Date())}
            value={at === undefined ? "" : localMinute(new Date(at))}
            onChange={(event) =>
              void navigate({
                search: (previous) => ({ ...previous, entity: entity.name, at: momentOf(event.target.value) }),
                replace: true,
                resetScroll: false,
              })
            }
            className={`${inputClass} min-h-10 w-auto! text-sm`}
          />
        </label>
        <p className="text-sm text-soft">{text.asOfLead}</p>
      </div>
      {at === undefined ? (
        <Empty icon={History} title={text.asOfChoose}>
          {text.asOfChooseLead}
        </Empty>
      ) : (
        <AsOf key={at} entity={entity} at={at} />
      )}
    </Card>
  );
}

function AsOf({ entity, at }: { entity: OntologyEntity; at: string }) {
  const records = useInfiniteQuery({
    queryKey: ["records", entity.name, "as-of", at],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(
        api.GET("/api/v1/dcl/views/{entity}/as-of", {
          signal,
          params: { path: { entity: entity.name }, query: { at, cursor, limit: PAGE_LIMIT } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  return (
    <Pages
      query={records}
      loading={text.loadingTheRecords}
      rows={10}
      empty={
        <Empty icon={History} title={text.asOfNone(entity.label.toLowerCase())}>
          {text.asOfNoneLead(formatMoment(at))}
        </Empty>
      }
    >
      {(items: Row[]) => <EarlierTable entity={entity} records={items} />}
    </Pages>
  );
}

function EarlierTable({ entity, records }: { entity: OntologyEntity; records: Row[] }) {
  const filled = entity.fields.filter(({ name }) => name !== entity.key && records.some((row) => row[name] != null));
  const naming = namingField(filled.map(({ name }) => name));
  const fields = namesFirst(filled.filter(({ name }) => name !== naming)).slice(0, COLUMNS_MAX);
  return (
    <TableFrame label={text.records(entity.label)}>
      <thead>
        <tr>
          <Th className="max-sm:sticky max-sm:left-0 max-sm:z-10 max-sm:bg-surface">{text.record}</Th>
          <Th>{text.source}</Th>
          {fields.map(({ name, description }) => (
            <Th key={name} title={`${description} (${name})`}>
              {fieldLabel(name)}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {records.map((row) => {
          const [source, id] = [String(row._source), String(row._record_id)];
          return (
            <tr key={`${source}/${id}`} data-earlier={`${source}/${id}`} className="hover:bg-raised/50">
              <Td className="max-sm:sticky max-sm:left-0 max-sm:z-10 max-sm:bg-surface">
                <span title={id} className="block max-w-40 truncate font-semibold sm:max-w-60">
                  <bdi>{nameFrom((field) => formatValue(row[field])) ?? id}</bdi>
                </span>
              </Td>
              <Td>
                <Badge tone="source">{source}</Badge>
              </Td>
              {fields.map(({ name, type }) => (
                <Td key={name}>
                  <CellText text={formatValue(row[name], type)} />
                </Td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </TableFrame>
  );
}
