// "AOS Data Source Universe": every connected source, its tables and columns, and what became of each column.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Database } from "lucide-react";
import { sourceSchemasQuery } from "@/api/queries";
import type { SourceSchema } from "@/api/types";
import { formatCount } from "@/lib/format";
import { text } from "@/text/ontology";
import { Card } from "@/ui/Card";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { SourceTableCard } from "./SourceTableCard";

const route = getRouteApi("/shell/sources");

export function SourcesPage() {
  const schemas = useQuery(sourceSchemasQuery);
  return (
    <div className="grid gap-6">
      <PageHeader title={text.aosDataSourceUniverse} aside={<UniverseFigures sources={schemas.data?.sources} />}>
        {text.whatEachSourceHoldsItsTables}
      </PageHeader>
      <Query query={schemas} loading={text.loadingTheSources} framed>
        {({ sources }) =>
          sources.length === 0 ? (
            <Card>
              <Empty
                icon={Database}
                title={text.noSourceHasBeenReadYet}
                action={
                  <Link to="/ontology" className="font-semibold text-accent underline underline-offset-4">
                    {text.goToAosOntology}
                  </Link>
                }
              >
                {text.runYourSourcesOnceTheirTables}
              </Empty>
            </Card>
          ) : (
            <Universe sources={sources} />
          )
        }
      </Query>
    </div>
  );
}

function Universe({ sources }: { sources: SourceSchema[] }) {
  const search = route.useSearch();
  const source = sources.find((candidate) => candidate.source === search.source) ?? sources[0];
  if (!source) return null;
  return (
    <div className="grid min-w-0 gap-5">
      <TabRow label={text.sources} chosen={source.connection_id}>
        {sources.map((candidate) => (
          <Link
            key={candidate.connection_id}
            data-tab={candidate.connection_id}
            to="/sources"
            search={{ source: candidate.source }}
            aria-current={candidate === source ? "page" : undefined}
            className={tabClass(candidate === source)}
          >
            {candidate.source}
            <span className="num text-faint">{candidate.tables.length}</span>
          </Link>
        ))}
      </TabRow>
      {source.tables.length === 0 ? (
        <Card>
          <Empty icon={Database} title={text.thisSourceHasNoTables}>
            {text.itsFolderHeldNoFileThat}
          </Empty>
        </Card>
      ) : (
        source.tables.map((table) => <SourceTableCard key={table.name} table={table} />)
      )}
    </div>
  );
}

function UniverseFigures({ sources }: { sources: SourceSchema[] | undefined }) {
  const tables = sources?.flatMap((source) => source.tables);
  const columns = tables?.flatMap((table) => table.columns);
  const count = (of: number | undefined) => (of === undefined ? undefined : formatCount(of));
  return (
    <Figures
      items={[
        { label: text.tablesFigure, value: count(tables?.length) },
        { label: text.columns, value: count(columns?.length) },
        { label: text.mappedFigure, value: count(columns?.filter((column) => column.field).length) },
        { label: text.rows, value: count(tables?.reduce((sum, table) => sum + table.rows, 0)) },
      ]}
    />
  );
}
