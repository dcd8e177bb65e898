// Room for labels: how wide a text is drawn, where it is cut, and how neighbours are moved apart. Pure.

import type { GraphNode } from "@/api/types";

const LABEL_PAD = 16;
const CHARS_MIN = 4;

/** What is drawn beside a node. A field stands among the others of its table or entity and is drawn by its own name. */
export function drawnName({ id, label, fields }: GraphNode): string {
  return id.includes("#") ? (fields[0] ?? label) : label;
}

/** Moves sorted centres apart until neighbours are `gap` away from each other, staying between `min` and `max`. */
export function spreadLabels(centres: number[], gap: number, min: number, max: number): number[] {
  return spreadBoxes(
    centres.map((value) => value - min + gap / 2),
    centres.map(() => gap),
    0,
    max - min + gap,
  ).map((value) => value + min - gap / 2);
}

/** The same for boxes of different widths, kept inside [0, length]. */
export function spreadBoxes(centres: number[], widths: number[], gap: number, length: number): number[] {
  const placed = [...centres];
  let edge = 0;
  for (let i = 0; i < placed.length; i += 1) {
    const half = (widths[i] ?? 0) / 2;
    placed[i] = Math.max(placed[i] ?? 0, edge + half);
    edge = (placed[i] ?? 0) + half + gap;
  }
  edge = length;
  for (let i = placed.length - 1; i >= 0; i -= 1) {
    const half = (widths[i] ?? 0) / 2;
    placed[i] = Math.min(placed[i] ?? 0, edge - half);
    edge = (placed[i] ?? 0) - half - gap;
  }
  return placed;
}

/** Estimates how wide a label is drawn; a real measurement would tie the layout to a browser. */
export function textWidth(text: string): number {
  let width = LABEL_PAD;
  for (const sign of text) width += signWidth(sign);
  return Math.ceil(width);
}

/** Cuts a text so that it fits into so many pixels, in one pass however long it is. */
export function fitText(text: string, room: number): string {
  if (text.length * signWidth("W") + LABEL_PAD <= room) return text;
  const signs = [...text];
  const ellipsis = signWidth("…");
  let width = LABEL_PAD;
  let fitting = 0;
  for (const [index, sign] of signs.entries()) {
    width += signWidth(sign);
    if (width + ellipsis <= room) fitting = index + 1;
    if (width > room) return `${signs.slice(0, Math.max(fitting, CHARS_MIN - 1)).join("")}…`;
  }
  return text;
}

/** Cuts a text after so many signs, never in the middle of one. */
export function cutText(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const signs = [...text];
  return signs.length <= chars ? text : `${signs.slice(0, chars - 1).join("")}…`;
}

/** From here on signs are as wide as they are high: Chinese, Japanese, Korean, emoji. */
const WIDE_FROM = 0x2e80;

function signWidth(sign: string): number {
  if ("iljtfr.,:;|'!()[] I1".includes(sign)) return 4.3;
  if ("mwMW@%".includes(sign)) return 10.5;
  if ((sign.codePointAt(0) ?? 0) >= WIDE_FROM) return 15;
  return sign !== sign.toLowerCase() ? 8.4 : 7;
}
