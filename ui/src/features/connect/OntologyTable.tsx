// The ontology as a table: every field, the columns that feed it, how sure that is and why. A row opens into all of its evidence.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ontologyQuery } from "@/api/queries";
import type { OntologyEntity } from "@/api/types";
import { text as all } from "@/text/tables";
import { Confidence } from "@/ui/Confidence";
import { Query } from "@/ui/Query";
import { type Column, VirtualTable } from "@/ui/VirtualTable";
import { FieldDrawer } from "./FieldDrawer";
import { columnsBehind, type FieldRow, fieldRows } from "./tableRows";

const text = all.ontology;
const TABLE_ROWS = 10;

export function OntologyTable() {
  const ontology = useQuery(ontologyQuery);
  return (
    <Query query={ontology} loading={text.loading} rows={TABLE_ROWS}>
      {({ entities }) => <Fields entities={entities} />}
    </Query>
  );
}

function Fields({ entities }: { entities: OntologyEntity[] }) {
  const rows = useMemo(() => fieldRows(entities), [entities]);
  const [opened, setOpened] = useState<string | null>(null);
  const row = rows.find(({ id }) => id === opened);
  const fed = rows.filter(({ columns }) => columns.length > 0).length;
  return (
    <>
      <p className="num px-5 pb-3 text-sm text-soft">{text.summary(rows.length, fed, columnsBehind(rows))}</p>
      <VirtualTable
        label={text.label}
        rows={rows}
        columns={COLUMNS(setOpened)}
        rowKey={({ id }) => id}
        words={wordsOf}
        onOpen={({ id }) => setOpened(id)}
        minWidth="52rem"
      />
      {row && <FieldDrawer row={row} onClose={() => setOpened(null)} />}
    </>
  );
}

const nameOf = ({ source, table, source_field }: FieldRow["columns"][number]) => `${source} ${table}.${source_field}`;

const wordsOf = ({ id, entity, field, columns }: FieldRow) =>
  [id, entity.label, field.type, field.description, ...columns.map(nameOf)].join(" ");

const COLUMNS = (open: (id: string) => void): Column<FieldRow>[] => [
  {
    name: "field",
    heading: text.field,
    width: "minmax(13rem,1.4fr)",
    value: ({ id }) => id,
    cell: ({ id }) => (
      <button
        type="button"
        data-field={id}
        title={id}
        onClick={(event) => {
          event.stopPropagation();
          open(id);
        }}
        className="max-w-full truncate rounded font-mono text-[0.8125rem] font-semibold text-ontology underline-offset-4 hover:underline"
      >
        {id}
      </button>
    ),
  },
  {
    name: "from",
    heading: text.from,
    width: "minmax(14rem,1.8fr)",
    value: ({ columns }) => columns.length,
    cell: ({ columns: [first, ...others] }) =>
      first ? (
        <span className="flex min-w-0 items-baseline gap-2">
          <span title={nameOf(first)} className="min-w-0 truncate font-mono text-[0.8125rem]">
            <span className="text-source">{first.source}</span> {first.table}.{first.source_field}
          </span>
          {others.length > 0 && (
            <span title={text.more(others.length)} className="num shrink-0 text-faint">
              +{others.length}
            </span>
          )}
        </span>
      ) : (
        <span className="text-faint">{text.noSource}</span>
      ),
  },
  {
    name: "confidence",
    heading: text.confidence,
    width: "8rem",
    value: ({ columns }) => columns[0]?.confidence,
    cell: ({ columns: [first] }) => first && <Confidence value={first.confidence} />,
  },
  {
    name: "evidence",
    heading: text.evidence,
    width: "minmax(14rem,2fr)",
    cell: ({ columns: [first] }) => {
      const said = first?.evidence.join("; ") ?? "";
      return (
        <span title={said} className="block truncate text-soft">
          {said}
        </span>
      );
    },
  },
];
