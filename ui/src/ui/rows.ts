// Filtering and ordering of rows that are all at hand. Pure.

export type SortValue = string | number | null | undefined;
export type Order = { column: string; descending: boolean };

type Wish<Row> = {
  filter: string;
  words?: (row: Row) => string;
  value?: (row: Row) => SortValue;
  descending: boolean;
};

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Keeps the rows that contain every word of the filter, in the order wished for. What has no value comes last either way. */
export function arrange<Row>(rows: Row[], { filter, words, value, descending }: Wish<Row>): Row[] {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept =
    words && wanted.length > 0
      ? rows.filter((row) => {
          const known = words(row).toLowerCase();
          return wanted.every((word) => known.includes(word));
        })
      : rows;
  if (!value) return kept;
  return [...kept].sort((a, b) => compare(value(a), value(b), descending));
}

function compare(a: SortValue, b: SortValue, descending: boolean): number {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
  if (noA || noB) return Number(noA) - Number(noB);
  const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
  return descending ? -order : order;
}

/** What a press on a heading asks for: ascending, then descending, then as they came. */
export function turned(order: Order | null, column: string): Order | null {
  if (order?.column !== column) return { column, descending: false };
  return order.descending ? null : { column, descending: true };
}
