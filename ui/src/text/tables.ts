// What the tables under the picture say: the ontology with its evidence, the data source universe, and the search through the lineage.
import { formatCount, plural } from "@/lib/format";

export const text = {
  title: "What the picture is made of",
  views: { ontology: "Ontology", universe: "Data Source Universe", lineage: "Lineage search" },
  ontology: {
    loading: "Loading the ontology",
    label: "Fields of the ontology",
    field: "Field",
    type: "Type",
    from: "Fed by",
    noSource: "no source yet",
    confidence: "Confidence",
    evidence: "Evidence",
    more: (count: number) => `and ${plural(count, "more column")}`,
    summary: (fields: number, fed: number, columns: number) =>
      `${formatCount(fed)} of ${plural(fields, "field")} fed by ${plural(columns, "column")}`,
    mapping: "All mappings of this entity",
    trace: "Trace this field",
    transform: "On its way:",
    version: (version: number) => `mapping version ${version}`,
    nothing: "No column feeds this field. Connect a source that has it, and run.",
  },
  universe: {
    loading: "Loading the sources",
    label: "Tables of the sources",
    source: "Source",
    table: "Table",
    became: "Became",
    noEntity: "no entity",
    rows: "Rows",
    columns: "Columns",
    mapped: "Mapped",
    weakest: "Weakest",
    mappedOf: (mapped: number, all: number) => `${formatCount(mapped)} of ${formatCount(all)}`,
    summary: (sources: number, tables: number, columns: number) =>
      `${plural(sources, "source")}, ${plural(tables, "table")}, ${plural(columns, "column")}`,
    none: "No source has been read yet",
    noneLead: "Run your sources once; their tables and columns are listed here afterwards.",
  },
  lineage: {
    label: "Search the lineage",
    placeholder: "A source, table, column, entity or field…",
    loading: "Searching the lineage",
    found: (shown: number, limit: number) =>
      shown < limit ? `${plural(shown, "mapped column")} found` : `The first ${formatCount(limit)} that fit`,
    none: (search: string) => `Nothing is called “${search}”. Try a part of a name.`,
    nothing: "Nothing is mapped yet. Run a source first.",
    feeds: "feeds",
    show: "Show in the picture",
    showOf: (entity: string, field: string) => `Show ${entity}.${field} in the picture`,
    all: "The whole lineage",
  },
};
