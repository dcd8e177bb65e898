// How many tasks of this organisation may run at a time, so that one does not crowd out what else its workers do.
import { type FormEvent, useState } from "react";
import { useMay } from "@/api/permissions";
import { text } from "@/text/orchestration";
import { text as parts } from "@/text/parts";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { useLimit } from "./queries";

const RUNNING_MAX = 10_000;

export function LimitButton({ limit }: { limit: number | null }) {
  const may = useMay("tasks:limit") === true;
  const [asking, setAsking] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button small onClick={() => setAsking(true)}>
        {limit === null ? text.limitNone : text.limitOf(limit)}
      </Button>
      {asking && <LimitDialog limit={limit} onClose={() => setAsking(false)} />}
    </>
  );
}

function LimitDialog({ limit, onClose }: { limit: number | null; onClose: () => void }) {
  const [written, setWritten] = useState(limit?.toString() ?? "");
  const set = useLimit();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(written.trim() === "" ? null : Number(written), {
      onSuccess: () => {
        toast.done(text.limitSaved);
        onClose();
      },
    });
  };
  return (
    <Dialog title={text.limitTitle} lead={text.limitLead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label={text.limitLabel}
          hint={text.limitHint}
          type="number"
          min={1}
          max={RUNNING_MAX}
          step={1}
          value={written}
          onChange={(event) => setWritten(event.target.value)}
        />
        {set.isError && <Failure error={set.error} />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="primary" disabled={set.isPending}>
            {text.limitSave}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
