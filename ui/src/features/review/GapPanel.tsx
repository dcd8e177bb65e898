// What people asked for in words and the data does not have.
import type { Review } from "@/api/types";
import { text } from "@/text/review";

/** The kind of items about what questions miss. */
export const QUESTION_GAP = "question_gap";

type Gap = { what?: string; reason?: string; question?: string; asked?: number; near?: string[] };

export function GapPanel({ review }: { review: Pick<Review, "payload"> }) {
  const { reason, question, asked = 1, near = [] } = (review.payload ?? {}) as Gap;
  return (
    <div className="grid gap-2 break-words">
      <p className="font-semibold">{text.gap.asked(asked)}</p>
      {question && (
        <p>
          <bdi>{question}</bdi>
        </p>
      )}
      {reason && <p className="text-soft">{reason}</p>}
      {near.length > 0 && <p className="text-sm text-faint">{text.gap.near(near.join(", "))}</p>}
    </div>
  );
}
