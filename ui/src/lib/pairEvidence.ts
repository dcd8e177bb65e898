// What each field says about two records being one thing, read from the server's explanation. Pure.

export type FieldSays = { name: string; left: string; right: string; level: string; bits: number };

/** Lists the fields that say something, the loudest first; a field without a value on one side says nothing. */
export function fieldsOf(evidence: unknown): FieldSays[] {
  const { fields } = (evidence ?? {}) as { fields?: unknown };
  if (!Array.isArray(fields)) return [];
  return fields
    .filter((field) => field !== null && typeof field === "object" && field.level)
    .map((field) => ({
      name: String(field.field ?? ""),
      left: String(field.left ?? ""),
      right: String(field.right ?? ""),
      level: String(field.level),
      bits: typeof field.bits === "number" ? field.bits : 0,
    }))
    .sort((a, b) => Math.abs(b.bits) - Math.abs(a.bits));
}

export type Sums = { probability: number; prior: number; rivals: number };

/** Reads how probable it is that two records are one thing, and what counts beside the fields, in bits. */
export function sumsOf(evidence: unknown): Sums {
  const { probability, prior_bits, rivals_bits } = (evidence ?? {}) as Record<string, unknown>;
  const number = (value: unknown) => (typeof value === "number" ? value : 0);
  return { probability: number(probability), prior: number(prior_bits), rivals: number(rivals_bits) };
}
