// "AOS Records": the unified records of one entity, with order, filters and pages, and one record in detail.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { TableProperties } from "lucide-react";
import { api, call } from "@/api/client";
import { ontologyQuery } from "@/api/queries";
import type { OntologyEntity } from "@/api/types";
import { formatCount } from "@/lib/format";
import { parseRecordKey } from "@/lib/recordKey";
import { text as golden } from "@/text/golden";
import { text } from "@/text/records";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { Empty, Failure, Loading } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { Earlier } from "./Earlier";
import { Filters } from "./Filters";
import { Found } from "./Found";
import { RecordDrawer } from "./RecordDrawer";
import { RecordsTable } from "./RecordsTable";
import { SearchForm } from "./SearchForm";
import type { RecordsSearch } from "./search";
import { Things } from "./Things";

const route = getRouteApi("/shell/records");
const PAGE_LIMIT = 50;

export function RecordsPage() {
  const ontology = useQuery(ontologyQuery);
  return (
    <div className="grid gap-6">
      <PageHeader title={text.aosRecords}>{text.oneTablePerEntityWhateverSystem}</PageHeader>
      <Query query={ontology} loading={text.loadingTheEntities} framed>
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
      <Empty icon={TableProperties} title={text.theOntologyHasNoEntities}>
        {text.addAnEntityToTheOntology}
      </Empty>
    );
  }
  return (
    <div className="grid min-w-0 gap-4">
      <SearchForm key={search.search} words={search.search} />
      {search.search ? (
        <FoundRecords entities={entities} entity={entity} words={search.search} record={search.record} />
      ) : (
        <OneEntity entities={entities} entity={entity} search={search} />
      )}
    </div>
  );
}

type FoundProps = { entities: OntologyEntity[]; entity: OntologyEntity; words: string; record: string | undefined };

/** What was found in all entities; a record opens over it, so that the others stay in sight. */
function FoundRecords({ entities, entity, words, record }: FoundProps) {
  const navigate = route.useNavigate();
  const opened = record ? parseRecordKey(record) : null;
  return (
    <>
      <Found entities={entities} words={words} />
      {opened && (
        <RecordDrawer
          entity={entity}
          source={opened.source}
          recordId={opened.id}
          onClose={() => void navigate({ search: (previous) => ({ ...previous, record: undefined }) })}
        />
      )}
    </>
  );
}

type EntityProps = { entities: OntologyEntity[]; entity: OntologyEntity; search: RecordsSearch };

function OneEntity({ entities, entity, search }: EntityProps) {
  return (
    <>
      <TabRow label={text.entities} chosen={entity.name}>
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
      <ViewChoice entity={entity} view={search.view} />
      {search.view === "things" && <Things key={entity.name} entity={entity} />}
      {search.view === "earlier" && <Earlier key={entity.name} entity={entity} at={search.at} />}
      {search.view === undefined && <Records key={entity.name} entity={entity} search={search} />}
    </>
  );
}

function ViewChoice({ entity, view }: { entity: OntologyEntity; view: RecordsSearch["view"] }) {
  return (
    <TabRow label={golden.views} chosen={view ?? "records"}>
      {(["records", "things", "earlier"] as const).map((name) => {
        const chosen = name === (view ?? "records");
        return (
          <Link
            key={name}
            data-tab={name}
            to="/records"
            search={{ entity: entity.name, ...(name !== "records" && { view: name }) }}
            aria-current={chosen ? "page" : undefined}
            className={tabClass(chosen)}
          >
            {golden[name]}
          </Link>
        );
      })}
    </TabRow>
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
        <Loading label={text.loadingTheRecords} rows={10} />
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
            <span className="num">{text.shownOf(records.length, first.total)}</span>
            {pages.isError && <span className="text-bad">{text.theNextPageCouldNotBe}</span>}
            {pages.hasNextPage && (
              <Button small disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {pages.isFetchingNextPage ? text.loading : text.showMore}
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
        title={text.noRecordFitsTheseFilters}
        action={<Button onClick={onClear}>{text.clearTheFilters}</Button>}
      >
        {text.loosenAFilterOrClearThem}
      </Empty>
    );
  }
  return (
    <Empty
      icon={TableProperties}
      title={text.noRecordsYet(entity.label.toLowerCase())}
      action={
        <Link to="/ontology" className="font-semibold text-accent underline underline-offset-4">
          {text.goToAosOntology}
        </Link>
      }
    >
      {text.runASourceThatFeedsThis}
    </Empty>
  );
}
