// What of the records page lives in its address: entity, order, filters and the open record. Pure.
import { fieldLabel } from "@/lib/fieldLabel";
import { text as say } from "@/text/records";

export const OPERATORS = ["eq", "ne", "contains", "gt", "gte", "lt", "lte", "is_null"] as const;
export type Operator = (typeof OPERATORS)[number];
export type Filter = { field: string; operator: Operator; value: string };
export type RecordsSearch = {
  entity?: string;
  sort?: string;
  filter?: string[];
  record?: string;
  /** Words that are looked for in all entities. */
  search?: string;
  /** `things` shows what stands in several records, `earlier` the records as they were. */
  view?: "things" | "earlier";
  /** The moment that `earlier` looks back to. */
  at?: string;
};
/** A thing in the address: by its own id, or by a record that is it. */
export type ThingSearch = { entity?: string; id?: string; source?: string; record?: string };

export const OPERATOR_WORDS: Record<Operator, string> = {
  eq: say.is,
  ne: say.isNot,
  contains: say.contains,
  gt: say.isMoreThan,
  gte: say.isAtLeast,
  lt: say.isLessThan,
  lte: say.isAtMost,
  is_null: say.isEmpty,
};

const FILTERS_MAX = 10;
export const SEARCH_CHARS_MAX = 200;

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export function parseThingSearch(search: Record<string, unknown>): ThingSearch {
  const { entity, id, source, record } = search;
  // An address that was written by hand may name a record by a number.
  const name = typeof record === "number" ? String(record) : text(record);
  return { entity: text(entity), id: text(id), source: text(source), record: name };
}

export function parseRecordsSearch(search: Record<string, unknown>): RecordsSearch {
  const given = Array.isArray(search.filter) ? search.filter : [search.filter];
  const filter = given.filter((item): item is string => typeof item === "string" && parseFilter(item) !== null);
  return {
    entity: text(search.entity),
    sort: text(search.sort),
    filter: filter.length > 0 ? filter.slice(0, FILTERS_MAX) : undefined,
    record: text(search.record),
    // Whoever looks for a number by its address writes no quotation marks.
    search: text(typeof search.search === "number" ? String(search.search) : search.search)?.slice(0, SEARCH_CHARS_MAX),
    view: search.view === "things" || search.view === "earlier" ? search.view : undefined,
    at: Number.isNaN(Date.parse(String(search.at))) ? undefined : text(search.at),
  };
}

/** Reads `field:operator:value`; the value may itself hold colons. */
export function parseFilter(written: string): Filter | null {
  const [field, operator, ...rest] = written.split(":");
  if (!field || !OPERATORS.includes(operator as Operator)) return null;
  return { field, operator: operator as Operator, value: rest.join(":") };
}

export function formatFilter(filter: Filter): string {
  return `${filter.field}:${filter.operator}:${filter.operator === "is_null" ? "true" : filter.value}`;
}

export function describeFilter(filter: Filter): string {
  const operator = OPERATOR_WORDS[filter.operator];
  const field = fieldLabel(filter.field);
  if (filter.operator === "is_null" && filter.value === "false") return say.isNotEmpty(field);
  return filter.operator === "is_null" ? `${field} ${operator}` : `${field} ${operator} ${filter.value}`;
}

/** Turns a click on a column into the next order: ascending, descending, none. */
export function nextSort(current: string | undefined, column: string): string | undefined {
  if (current === column) return `-${column}`;
  return current === `-${column}` ? undefined : column;
}
