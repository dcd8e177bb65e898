// What an item about two records says: which records, what they are called, and what each field says. Pure.
import { nameFrom } from "@/lib/naming";

/** The kind of items about two records that may be one thing. */
export const ENTITY_PAIR = "entity_pair";

export type Side = { source: string; recordId: string; called: string };
export type PairField = { name: string; left: string; right: string; level: string; bits: number };
/** The fields that were compared are ordered by how loudly they speak. */
export type Pair = { entity: string; left: Side; right: Side; fields: PairField[] };

type Known = Record<string, unknown>;
const asKnown = (value: unknown): Known => (value !== null && typeof value === "object" ? (value as Known) : {});
const asText = (value: unknown): string => (typeof value === "string" ? value : "");

/** Reads an item's payload; what is hidden from the person, or of another shape, reads as empty. */
export function pairOf(payload: unknown): Pair {
  const { entity, left, right, evidence } = asKnown(payload);
  const listed = asKnown(evidence).fields;
  const fields = (Array.isArray(listed) ? listed.map(asKnown) : []).map((field) => ({
    name: asText(field.field),
    left: asText(field.left),
    right: asText(field.right),
    level: asText(field.level),
    bits: typeof field.bits === "number" ? field.bits : 0,
  }));
  const side = (record: unknown, of: "left" | "right"): Side => {
    const { source, record_id } = asKnown(record);
    const called = nameFrom((name) => fields.find((field) => field.name === name)?.[of] ?? "");
    return { source: asText(source), recordId: asText(record_id), called: called ?? asText(record_id) };
  };
  return {
    entity: asText(entity),
    left: side(left, "left"),
    right: side(right, "right"),
    fields: fields
      .filter((field) => field.left || field.right)
      .sort((one, other) => Math.abs(other.bits) - Math.abs(one.bits)),
  };
}
