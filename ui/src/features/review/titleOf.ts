// What an item is called. Two records are called by their names, which the server keeps out of titles because they may be personal.
import type { Review } from "@/api/types";
import { text } from "@/text/review";
import { ENTITY_PAIR, pairOf } from "./pair";

export function titleOf(review: Pick<Review, "kind" | "title" | "payload">): string {
  if (review.kind !== ENTITY_PAIR) return review.title;
  const { entity, left, right } = pairOf(review.payload);
  if (!left.called || !right.called) return review.title;
  const what = entity.replaceAll("_", " ");
  return left.called === right.called
    ? text.pair.sameName(left.called, what, left.source, right.source)
    : text.pair.twoNames(left.called, right.called, what);
}
