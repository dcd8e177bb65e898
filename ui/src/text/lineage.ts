// What the lineage says.
import { plural } from "@/lib/format";

export const text = {
  title: "AOS Lineage",
  lead: "Where each field comes from, who uses it, and what a change would touch, before it is made.",
  search: "Search",
  placeholder: "A source, table, column, entity or field…",
  loading: "Loading the lineage",
  loadingField: "Tracing the field",
  results: "Columns and the fields they feed",
  column: "Source column",
  field: "Feeds",
  confidence: "Confidence",
  version: "Mapping",
  versionOf: (version: number) => `version ${version}`,
  none: "Nothing is mapped yet",
  noneLead: "Run a source; every mapped column is listed here afterwards.",
  noneFits: (search: string) => `Nothing is called “${search}”`,
  noneFitsLead: "Try a part of a name: of a source, table, column, entity or field.",
  limited: (limit: number) => `The first ${limit} are shown. Search for more exactly what you look for.`,
  upstream: "Comes from",
  downstream: "Used by",
  fieldTitle: "Field",
  noUpstream: "No column feeds this field.",
  noDownstream: "No agent consumes this entity.",
  impact: "If a column changed",
  impactLead: "What would be lost if the source dropped or renamed it:",
  impactAlone: (column: string, field: string) =>
    `${column} is the only column that feeds ${field}. It would be empty.`,
  impactShared: (column: string, others: number) =>
    `${column} is one of ${others + 1} columns. Records of its own source would lose the value; the others keep theirs.`,
  impactAgents: (agents: string) => `${agents} would read less.`,
  impactNobody: "No agent would notice.",
  records: "See its records",
  mapping: "See the evidence",
  choose: "Choose a line to trace its field up and down.",
  count: (count: number) => plural(count, "column"),
};
