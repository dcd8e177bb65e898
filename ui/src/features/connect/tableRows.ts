// The rows of the tables under the picture: each field of the ontology with the columns that feed it, each table of each source. Pure.
import type { FieldMapping, OntologyEntity, SourceSchema, SourceTable } from "@/api/types";
import { countColumns } from "@/lib/mappedColumns";

export type FeedingColumn = FieldMapping & { source: string; table: string; version: number };
export type FieldRow = {
  id: string;
  entity: OntologyEntity;
  field: OntologyEntity["fields"][number];
  /** The surest first. */
  columns: FeedingColumn[];
};
export type TableRow = { id: string; source: string; table: SourceTable; mapped: number; weakest: number | null };

/** Lists the fields entity by entity, those that something feeds first. */
export function fieldRows(entities: OntologyEntity[]): FieldRow[] {
  return entities.flatMap((entity) => {
    const all = entity.source_mappings.flatMap(({ source, table, mapping_version: version, field_mappings }) =>
      field_mappings.map((mapping): FeedingColumn => ({ ...mapping, source, table, version })),
    );
    const rows = entity.fields.map((field) => ({
      id: `${entity.name}.${field.name}`,
      entity,
      field,
      columns: all
        .filter(({ ontology_field }) => ontology_field === field.name)
        .sort((a, b) => b.confidence - a.confidence),
    }));
    return rows.sort((a, b) => Number(b.columns.length > 0) - Number(a.columns.length > 0));
  });
}

/** Counts the columns behind the rows, each once. */
export function columnsBehind(rows: FieldRow[]): number {
  return countColumns(
    rows.flatMap(({ columns }) =>
      columns.map(({ source, table, source_field }) => ({ table: `${source}/${table}`, sourceField: source_field })),
    ),
  );
}

export function tableRows(sources: SourceSchema[]): TableRow[] {
  return sources.flatMap(({ source, tables }) =>
    tables.map((table) => {
      const sure = table.columns.flatMap(({ field, confidence }) => (field && confidence != null ? [confidence] : []));
      return {
        id: `${source}/${table.name}`,
        source,
        table,
        mapped: table.columns.filter(({ field }) => field).length,
        weakest: sure.length > 0 ? Math.min(...sure) : null,
      };
    }),
  );
}
