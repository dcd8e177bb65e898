// The data source universe: every table of every source, what it became, and how much of it is mapped. A row leads to its columns.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Database } from "lucide-react";
import { useMemo } from "react";
import { sourceSchemasQuery } from "@/api/queries";
import type { SourceSchema } from "@/api/types";
import { formatCount } from "@/lib/format";
import { text as all } from "@/text/tables";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { type Column, VirtualTable } from "@/ui/VirtualTable";
import { type TableRow, tableRows } from "./tableRows";

const text = all.universe;
const TABLE_ROWS = 10;

export function UniverseTable() {
  const schemas = useQuery(sourceSchemasQuery);
  return (
    <Query query={schemas} loading={text.loading} rows={TABLE_ROWS}>
      {({ sources }) => <Tables sources={sources} />}
    </Query>
  );
}

function Tables({ sources }: { sources: SourceSchema[] }) {
  const navigate = useNavigate();
  const rows = useMemo(() => tableRows(sources), [sources]);
  if (rows.length === 0) {
    return (
      <Empty icon={Database} title={text.none}>
        {text.noneLead}
      </Empty>
    );
  }
  const columns = rows.reduce((sum, { table }) => sum + table.columns.length, 0);
  return (
    <>
      <p className="num px-5 pb-3 text-sm text-soft">
        {text.summary(new Set(rows.map(({ source }) => source)).size, rows.length, columns)}
      </p>
      <VirtualTable
        label={text.label}
        rows={rows}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        words={({ source, table }) =>
          [source, table.name, table.entity, ...table.columns.map(({ name }) => name)].join(" ")
        }
        onOpen={({ source }) => void navigate({ to: "/sources", search: { source } })}
        minWidth="46rem"
      />
    </>
  );
}

const COLUMNS: Column<TableRow>[] = [
  {
    name: "source",
    heading: text.source,
    width: "minmax(8rem,1fr)",
    value: ({ source }) => source,
    cell: ({ source }) => (
      <Link
        to="/sources"
        search={{ source }}
        onClick={(event) => event.stopPropagation()}
        className="block truncate font-semibold text-source underline-offset-4 hover:underline"
      >
        {source}
      </Link>
    ),
  },
  {
    name: "table",
    heading: text.table,
    width: "minmax(11rem,1.4fr)",
    value: ({ table }) => table.name,
    cell: ({ table }) => <span className="block truncate font-mono text-[0.8125rem]">{table.name}</span>,
  },
  {
    name: "became",
    heading: text.became,
    width: "minmax(8rem,1fr)",
    value: ({ table }) => table.entity,
    cell: ({ table }) =>
      table.entity ? (
        <Badge tone="ontology">{table.entity}</Badge>
      ) : (
        <span className="text-faint">{text.noEntity}</span>
      ),
  },
  {
    name: "rows",
    heading: text.rows,
    width: "6rem",
    right: true,
    value: ({ table }) => table.rows,
    cell: ({ table }) => formatCount(table.rows),
  },
  {
    name: "mapped",
    heading: text.mapped,
    width: "7rem",
    right: true,
    value: ({ table, mapped }) => (table.columns.length === 0 ? null : mapped / table.columns.length),
    cell: ({ table, mapped }) => text.mappedOf(mapped, table.columns.length),
  },
  {
    name: "weakest",
    heading: text.weakest,
    width: "8rem",
    value: ({ weakest }) => weakest,
    cell: ({ weakest }) => weakest !== null && <Confidence value={weakest} />,
  },
];
