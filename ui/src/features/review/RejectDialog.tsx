// Asks why, then rejects: a proposal, that two records are one, or that something will be there.
import { type FormEvent, useState } from "react";
import { text as parts } from "@/text/parts";
import { text } from "@/text/review";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { useReject } from "./queries";

type Props = { id: string; revision: number; words: RejectWords; onClose: () => void };
/** What rejecting comes to, by the kind of the item. */
export type RejectWords = { title: string; lead: string; act: string };

export function RejectDialog({ id, revision, words, onClose }: Props) {
  const [reason, setReason] = useState("");
  const reject = useReject();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reject.mutate(
      { id, revision, reason: reason.trim() },
      {
        onSuccess: () => {
          toast.done(text.rejected);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={words.title} lead={words.lead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label={text.reason}
          hint={text.reasonHint}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {reject.isError && <Failure error={reject.error} />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="danger" disabled={reject.isPending}>
            {words.act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
