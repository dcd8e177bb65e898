// What can be done with one connection: read, check, look what is there, pause, remove.
import { type FormEvent, useState } from "react";
import { useMay } from "@/api/permissions";
import type { Connection } from "@/api/types";
import { text as all } from "@/text/connections";
import { text as parts } from "@/text/parts";
import { Button } from "@/ui/Button";
import { ConfirmDialog, Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { CheckNote } from "./CheckNote";
import { DiscoveryNote } from "./DiscoveryNote";
import { useCheck, useDiscover, usePause, useRemove, useResume, useSync } from "./queries";

const text = all.actions;

type Props = { connection: Connection; onGone: () => void };

export function ConnectionActions({ connection, onGone }: Props) {
  const writes = useMay("connections:write") === true;
  const [asking, setAsking] = useState<"pause" | "remove" | null>(null);
  const [check, discover, sync, resume, remove] = [useCheck(), useDiscover(), useSync(), useResume(), useRemove()];
  const { id, name } = connection;
  const running = connection.status === "running" || sync.isPending;
  const read = (mode: "incremental" | "full") =>
    sync.mutate({ id, mode }, { onSuccess: () => toast.done(text.syncStarted(name)) });
  const failed = check.error ?? discover.error ?? sync.error ?? resume.error;
  if (!writes) return null;

  return (
    <section className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {connection.paused ? (
          <Button
            small
            tone="primary"
            disabled={resume.isPending}
            onClick={() => resume.mutate(id, { onSuccess: () => toast.done(text.resumed(name)) })}
          >
            {text.resume}
          </Button>
        ) : (
          <Button small tone="primary" disabled={running} onClick={() => read("incremental")}>
            {running ? text.syncing : text.sync}
          </Button>
        )}
        <Button small disabled={check.isPending} onClick={() => check.mutate(id)}>
          {check.isPending ? text.checking : text.check}
        </Button>
        <Button small disabled={discover.isPending} onClick={() => discover.mutate(id)}>
          {discover.isPending ? text.discovering : text.discover}
        </Button>
        {!connection.paused && (
          <>
            <Button small disabled={running} onClick={() => read("full")}>
              {text.full}
            </Button>
            <Button small onClick={() => setAsking("pause")}>
              {text.pause}
            </Button>
          </>
        )}
        <Button small tone="danger" onClick={() => setAsking("remove")}>
          {text.remove}
        </Button>
      </div>
      {check.data && <CheckNote check={check.data} />}
      {discover.data && <DiscoveryNote discovery={discover.data} />}
      {failed && <Failure error={failed} />}
      {asking === "pause" && <PauseDialog id={id} name={name} onClose={() => setAsking(null)} />}
      {asking === "remove" && (
        <ConfirmDialog
          title={text.removeTitle(name)}
          confirm={text.remove}
          busy={remove.isPending}
          onClose={() => setAsking(null)}
          onConfirm={() =>
            remove.mutate(id, {
              onSuccess: () => {
                toast.done(text.removed(name));
                onGone();
              },
              onError: toast.failed,
              onSettled: () => setAsking(null),
            })
          }
        >
          {text.removeLead}
        </ConfirmDialog>
      )}
    </section>
  );
}

function PauseDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const pause = usePause();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    pause.mutate(
      { id, reason: reason.trim() },
      {
        onSuccess: () => {
          toast.done(text.paused(name));
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={text.pauseTitle(name)} lead={text.pauseLead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label={text.reason}
          hint={text.reasonHint}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {pause.isError && <Failure error={pause.error} />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="primary" disabled={pause.isPending}>
            {text.pause}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
