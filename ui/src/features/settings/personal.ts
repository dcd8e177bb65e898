// Personal data as it is shown: which fields hold it, and where in a text it was found. Pure.
import type { OntologyEntity } from "@/api/types";

export type PersonalField = { name: string; holds: string; mask: string };

export function personalFields(entities: OntologyEntity[]): PersonalField[] {
  return entities.flatMap((entity) =>
    entity.fields.flatMap(({ name, pii }) =>
      pii ? [{ name: `${entity.name}.${name}`, holds: pii, mask: `[masked:${pii}]` }] : [],
    ),
  );
}

export type Piece = { text: string; found: string | null; at: number };
type Span = { start: number; end: number; type: string };

/** Cuts a text where something was found. Places are counted in Unicode scalar values, as the server counts them; of two that overlap the first is marked. */
export function piecesOf(text: string, findings: readonly Span[]): Piece[] {
  const signs = [...text];
  const pieces: Piece[] = [];
  const cut = (from: number, to: number, found: string | null) => {
    if (to > from) pieces.push({ text: signs.slice(from, to).join(""), found, at: from });
  };
  let reached = 0;
  for (const { start, end, type } of [...findings].sort((a, b) => a.start - b.start)) {
    if (start < reached) continue;
    cut(reached, start, null);
    cut(start, end, type);
    reached = end;
  }
  cut(reached, signs.length, null);
  return pieces;
}
