// "AOS Records": the unified records of one entity, with order, filters and pages, and one record in detail.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { TableProperties } from "lucide-react";
import { api, call } from "@/api/client";
import { ontologyQuery } from "@/api/queries";
import type { OntologyEntity } from "@/api/types";
import { formatCount, plural } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { Empty, Failure, Loading } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { Filters } from "./Filters";
import { RecordDrawer } from "./RecordDrawer";
import { RecordsTable } from "./RecordsTable";
import { parseRecordKey, type RecordsSearch } from "./search";

const route = getRouteApi("/shell/records");
const PAGE_LIMIT = 50;

export function RecordsPage() {
  const ontology = useQuery(ontologyQuery);
  return (
    <div className="grid gap-6">
      <PageHeader title="AOS Records">
        One table per entity, whatever system a record came from. Open a record to see where each value is from.
      </PageHeader>
      <Query query={ontology} loading="Loading the entities" framed>
        {({ entities }) => <Entities entities={entities} />}
      </Query>
    </div>
  );
}

function Entities({ entities }: { entities: OntologyEntity[] }) {
  const search = route.useSearch();
  const entity =
    entities.find((candidate) => candidate.name === search.entity) ??
    entities.find((candidate) => candidate.records > 0) ??
    entities[0];
  if (!entity) {
    return (
      <Empty icon={TableProperties} title="The ontology has no entities">
        Add an entity to the ontology file, then run the sources again.
      </Empty>
    );
  }
  return (
    <div className="grid min-w-0 gap-4">
      <TabRow label="Entities" chosen={entity.name}>
        {entities.map((candidate) => (
          <Link
            key={candidate.name}
            data-tab={candidate.name}
            to="/records"
            search={{ entity: candidate.name }}
            aria-current={candidate === entity ? "page" : undefined}
            className={tabClass(candidate === entity)}
          >
            {candidate.label}
            <span className="num text-faint">{formatCount(candidate.records)}</span>
          </Link>
        ))}
      </TabRow>
      <Records key={entity.name} entity={entity} search={search} />
    </div>
  );
}

function Records({ entity, search }: { entity: OntologyEntity; search: RecordsSearch }) {
  const navigate = route.useNavigate();
  const { sort, filter } = search;
  const pages = useInfiniteQuery({
    queryKey: ["records", entity.name, sort ?? "", filter ?? []],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      call(
        api.GET("/api/v1/dcl/views/{entity}", {
          signal,
          params: { path: { entity: entity.name }, query: { limit: PAGE_LIMIT, cursor: pageParam, sort, filter } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const change = (next: Partial<RecordsSearch>) =>
    void navigate({ search: (previous) => ({ ...previous, entity: entity.name, ...next }), resetScroll: false });
  const first = pages.data?.pages[0];
  const records = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const opened = search.record ? parseRecordKey(search.record) : null;

  return (
    <Card flush>
      <div className="border-b border-line p-4 sm:px-5">
        <Filters
          fields={entity.fields.map((field) => field.name)}
          filters={filter ?? []}
          total={first?.total}
          onChange={(next) => change({ filter: next.length > 0 ? next : undefined })}
        />
      </div>
      {pages.isError && !first ? (
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      ) : !first ? (
        <Loading label="Loading the records" rows={10} />
      ) : records.length === 0 ? (
        <NoRecords entity={entity} filtered={(filter ?? []).length > 0} onClear={() => change({ filter: undefined })} />
      ) : (
        <>
          <RecordsTable
            entity={entity}
            columns={first.columns}
            records={records}
            sort={sort}
            onSort={(next) => change({ sort: next })}
            onOpen={(record) => change({ record })}
          />
          <footer className="flex flex-wrap items-center justify-between gap-3 px-5 py-4 text-sm text-soft">
            <span className="num">
              {formatCount(records.length)} of {plural(first.total, "record")} shown
            </span>
            {pages.isError && <span className="text-bad">The next page could not be loaded. Try again.</span>}
            {pages.hasNextPage && (
              <Button small disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {pages.isFetchingNextPage ? "Loading…" : "Show more"}
              </Button>
            )}
          </footer>
        </>
      )}
      {opened && (
        <RecordDrawer
          entity={entity}
          source={opened.source}
          recordId={opened.id}
          onClose={() => change({ record: undefined })}
        />
      )}
    </Card>
  );
}

function NoRecords({ entity, filtered, onClear }: { entity: OntologyEntity; filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <Empty
        icon={TableProperties}
        title="No record fits these filters"
        action={<Button onClick={onClear}>Clear the filters</Button>}
      >
        Loosen a filter or clear them all.
      </Empty>
    );
  }
  return (
    <Empty
      icon={TableProperties}
      title={`No ${entity.label.toLowerCase()} records yet`}
      action={
        <Link to="/" className="font-semibold text-accent underline underline-offset-4">
          Go to AOS Ontology
        </Link>
      }
    >
      Run a source that feeds this entity; its records appear here afterwards.
    </Empty>
  );
}
