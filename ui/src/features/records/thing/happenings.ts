// What became of a thing and what was ruled about it, in one order: the latest first. Pure.
import type { GoldenDetail } from "@/api/types";

type Event = GoldenDetail["history"][number];

export type Happening =
  | { kind: "change"; at: string; what: Event["what"]; thing: string | null }
  | { kind: "ruling"; at: string; ruling: GoldenDetail["rulings"][number] };

export function happenings({ history, rulings }: Pick<GoldenDetail, "history" | "rulings">): Happening[] {
  const changes = history.map(({ at, what, thing }): Happening => ({ kind: "change", at, what, thing }));
  const ruled = rulings.map((ruling): Happening => ({ kind: "ruling", at: ruling.ruled_at, ruling }));
  return [...changes, ...ruled].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
