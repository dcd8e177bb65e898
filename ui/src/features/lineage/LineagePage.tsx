// "AOS Lineage": search every mapped column, and trace one field up to its columns and down to its agents.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Route, SearchX } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { lineageQuery } from "@/api/queries";
import type { FieldLineage } from "@/api/types";
import { text } from "@/text/lineage";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { Confidence } from "@/ui/Confidence";
import { Field } from "@/ui/Field";
import { PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { type Column, VirtualTable } from "@/ui/VirtualTable";
import { FieldTrace } from "./FieldTrace";
import { LINES_MAX } from "./queries";

const route = getRouteApi("/shell/lineage");

export function LineagePage() {
  const { search = "", field } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(search);
  const wanted = useDeferredValue(typed.trim());
  const lines = useQuery(lineageQuery(wanted, LINES_MAX));
  const choose = (chosen: string | undefined) =>
    void navigate({ search: { search: typed.trim() || undefined, field: chosen }, resetScroll: false });
  const [entity, name] = field?.split(".") ?? [];

  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title}>{text.lead}</PageHeader>
      <div className="max-w-xl">
        <Field
          label={text.search}
          type="search"
          placeholder={text.placeholder}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <div aria-live="polite">
        {entity && name ? (
          <FieldTrace entity={entity} field={name} />
        ) : (
          <p className="rounded-2xl border border-dashed border-line-strong px-5 py-6 text-center text-soft">
            {text.choose}
          </p>
        )}
      </div>
      <Below>
        <Card title={text.results} flush>
          <Query query={lines} loading={text.loading}>
            {({ items }) => <Lines items={items} search={wanted} chosen={field} onChoose={choose} />}
          </Query>
        </Card>
      </Below>
    </div>
  );
}

type LinesProps = {
  items: FieldLineage[];
  search: string;
  chosen: string | undefined;
  onChoose: (field: string) => void;
};

const fieldOf = (line: FieldLineage) => `${line.entity}.${line.field}`;

function Lines({ items, search, chosen, onChoose }: LinesProps) {
  if (items.length === 0) {
    return search ? (
      <Empty icon={SearchX} title={text.noneFits(search)}>
        {text.noneFitsLead}
      </Empty>
    ) : (
      <Empty icon={Route} title={text.none}>
        {text.noneLead}
      </Empty>
    );
  }
  const columns: Column<FieldLineage>[] = [
    {
      name: "column",
      heading: text.column,
      width: "minmax(16rem,2fr)",
      value: (line) => `${line.source} ${line.table} ${line.column}`,
      cell: (line) => (
        <span className="font-mono text-[0.8125rem]">
          <span className="text-source">{line.source}</span> {line.table}.{line.column}
        </span>
      ),
    },
    {
      name: "field",
      heading: text.field,
      width: "minmax(12rem,1.5fr)",
      value: fieldOf,
      cell: (line) => (
        <button
          type="button"
          aria-pressed={fieldOf(line) === chosen}
          onClick={() => onChoose(fieldOf(line))}
          className="max-w-full truncate rounded font-mono text-[0.8125rem] font-semibold text-ontology underline-offset-4 hover:underline"
        >
          {fieldOf(line)}
        </button>
      ),
    },
    {
      name: "confidence",
      heading: text.confidence,
      width: "9rem",
      value: (line) => line.confidence,
      cell: (line) => <Confidence value={line.confidence} />,
    },
    {
      name: "version",
      heading: text.version,
      width: "7rem",
      value: (line) => line.mapping_version,
      cell: (line) => <span className="text-faint">{text.versionOf(line.mapping_version)}</span>,
    },
  ];
  return (
    <>
      <VirtualTable
        label={text.results}
        rows={items}
        columns={columns}
        rowKey={(line) => `${line.source}/${line.table}/${line.column}/${fieldOf(line)}`}
        minWidth="46rem"
      />
      {items.length === LINES_MAX && <p className="px-5 py-3 text-sm text-faint">{text.limited(LINES_MAX)}</p>}
    </>
  );
}
