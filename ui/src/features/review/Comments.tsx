// Who has the item, and what was said of it.
import { type FormEvent, useState } from "react";
import { useUser } from "@/api/session";
import type { ReviewDetail } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/review";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { toast } from "@/ui/toasts";
import { useAssign, useComment } from "./queries";

type Props = { review: ReviewDetail; decides: boolean };

export function Comments({ review, decides }: Props) {
  const user = useUser();
  const [said, setSaid] = useState("");
  const [comment, assign] = [useComment(), useAssign()];
  const own = user ? `user:${user.id}` : "";
  const nameOf = (who: string) => (who === own ? text.you : who);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!said.trim()) return;
    comment.mutate({ id: review.id, text: said.trim() }, { onSuccess: () => setSaid(""), onError: toast.failed });
  };
  const give = (assignee: string | null) => assign.mutate({ id: review.id, assignee }, { onError: toast.failed });
  return (
    <section className="grid gap-3 border-t border-line pt-5">
      <div className="flex flex-wrap items-center gap-3">
        <h3 className="font-bold">{text.comments}</h3>
        {review.assignee && <span className="text-sm text-soft">{text.assigned(nameOf(review.assignee))}</span>}
        {decides && review.state === "open" && (
          <Button
            small
            className="ml-auto"
            disabled={assign.isPending}
            onClick={() => give(review.assignee === own ? null : own)}
          >
            {review.assignee === own ? text.release : text.take}
          </Button>
        )}
      </div>
      {review.comments.length === 0 ? (
        <p className="text-sm text-faint">{text.noComments}</p>
      ) : (
        <ol className="grid gap-3">
          {review.comments.map((one) => (
            <li key={one.id} className="text-sm">
              <p className="text-faint">
                {nameOf(one.author)} · <time dateTime={one.at}>{formatMoment(one.at)}</time>
              </p>
              <p className="break-words whitespace-pre-wrap">{one.text}</p>
            </li>
          ))}
        </ol>
      )}
      {decides && (
        <form onSubmit={submit} className="flex items-end gap-2">
          <div className="min-w-0 flex-1">
            <Field
              label={text.comment}
              maxLength={10_000}
              value={said}
              onChange={(event) => setSaid(event.target.value)}
            />
          </div>
          <Button type="submit" disabled={comment.isPending || !said.trim()}>
            {text.send}
          </Button>
        </form>
      )}
    </section>
  );
}
