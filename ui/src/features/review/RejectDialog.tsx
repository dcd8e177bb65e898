// Asks why a proposal is wrong, then rejects it.
import { type FormEvent, useState } from "react";
import { text as parts } from "@/text/parts";
import { text } from "@/text/review";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { useReject } from "./queries";

type Props = { id: string; revision: number; onClose: () => void };

export function RejectDialog({ id, revision, onClose }: Props) {
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
    <Dialog title={text.rejectTitle} lead={text.rejectLead} onClose={onClose}>
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
            {text.reject}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
