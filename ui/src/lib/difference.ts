// Where two ways of writing something differ. Pure.

/** A text in three pieces: what both begin with, what only this one says, what both end with. */
export type Pieces = { head: string; own: string; tail: string };

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const lettersOf = (text: string) => [...letters.segment(text)].map(({ segment }) => segment);
/** Capitals do not make a difference to people. */
const alike = (one: string | undefined, other: string | undefined) => one?.toLowerCase() === other?.toLowerCase();

/** Takes two texts apart at what they begin and end with alike, where that is half of them or more. A letter with its accents, and a picture of several signs, stays whole. */
export function differenceOf(left: string, right: string): [Pieces, Pieces] {
  const [a, b] = [lettersOf(left), lettersOf(right)];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && alike(a[head], b[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && alike(a[a.length - 1 - tail], b[b.length - 1 - tail])) tail += 1;
  // A few letters that happen to be alike are nothing that both say.
  if ((head + tail) * 2 < Math.max(a.length, b.length)) [head, tail] = [0, 0];
  const cut = (all: string[]): Pieces => ({
    head: all.slice(0, head).join(""),
    own: all.slice(head, all.length - tail).join(""),
    tail: all.slice(all.length - tail).join(""),
  });
  return [cut(a), cut(b)];
}
