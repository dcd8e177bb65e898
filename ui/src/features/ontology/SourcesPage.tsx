// "AOS Data Source Universe": every connected source, its tables and columns, and what became of each column.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Database } from "lucide-react";
import { sourceSchemasQuery } from "@/api/queries";
import type { SourceSchema } from "@/api/types";
import { formatCount } from "@/lib/format";
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
      <PageHeader
        title="AOS Data Source Universe"
        aside={schemas.data && <UniverseFigures sources={schemas.data.sources} />}
      >
        What each source holds: its tables, the type of every column, and where the column went.
      </PageHeader>
      <Query query={schemas} loading="Loading the sources" framed>
        {({ sources }) =>
          sources.length === 0 ? (
            <Card>
              <Empty
                icon={Database}
                title="No source has been read yet"
                action={
                  <Link to="/" className="font-semibold text-accent underline underline-offset-4">
                    Go to AOS Ontology
                  </Link>
                }
              >
                Run your sources once; their tables and columns are listed here afterwards.
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
      <TabRow label="Sources" chosen={source.connection_id}>
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
          <Empty icon={Database} title="This source has no tables">
            Its folder held no file that could be read as a table. Add one and run the source again.
          </Empty>
        </Card>
      ) : (
        source.tables.map((table) => <SourceTableCard key={table.name} table={table} />)
      )}
    </div>
  );
}

function UniverseFigures({ sources }: { sources: SourceSchema[] }) {
  const tables = sources.flatMap((source) => source.tables);
  const columns = tables.flatMap((table) => table.columns);
  if (tables.length === 0) return null;
  return (
    <Figures
      items={[
        { label: "tables", value: formatCount(tables.length) },
        { label: "columns", value: formatCount(columns.length) },
        { label: "mapped", value: formatCount(columns.filter((column) => column.field).length) },
        { label: "rows", value: formatCount(tables.reduce((sum, table) => sum + table.rows, 0)) },
      ]}
    />
  );
}
