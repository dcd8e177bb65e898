// How many columns are mapped: each column of a table once, however many fields it feeds. Pure.

/** One table's mapping of one field. */
export type MappedField = { table: string; sourceField: string };

/** As much of the picture as is needed to count. */
type Picture = {
  nodes: readonly { id: string; fields: readonly string[] }[];
  edges: readonly { source: string; field_mappings: readonly { source: string }[] }[];
};

/** The picture names the metrics of a long table; all of them are told by the one column that names them. */
const NAMED_BY_ONE = "";

/** Counts the columns of the sources that the picture rests on. */
export function mappedColumns({ nodes, edges }: Picture): number {
  const columns = new Map(nodes.map(({ id, fields }) => [id, new Set(fields)]));
  return countColumns(
    edges.flatMap(({ source: table, field_mappings }) =>
      field_mappings.map(({ source }) => {
        const known = columns.get(table);
        const read = source.split(" + ").every((column) => known?.has(column));
        return { table, sourceField: read ? source : NAMED_BY_ONE };
      }),
    ),
  );
}

/** Counts the columns that the mappings read. */
export function countColumns(mapped: Iterable<MappedField>): number {
  const columns = new Set<string>();
  for (const { table, sourceField } of mapped) {
    for (const column of columnsOf(sourceField)) columns.add(JSON.stringify([table, column]));
  }
  return columns.size;
}

/** Takes apart what a mapping reads: several columns that are joined, or of a long table the one that names the metric. */
function columnsOf(sourceField: string): string[] {
  return sourceField.split(" + ").map((part) => part.split(" = ")[0] ?? part);
}
