// After a connection was added: whether its source answers, and the choice to read it now.
import { useEffect, useRef } from "react";
import { text as all } from "@/text/connections";
import { Button } from "@/ui/Button";
import { Failure, Loading } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { CheckNote } from "./CheckNote";
import { useAskConsent, useCheck, useSync } from "./queries";

const text = all.wizard;

type Props = { id: string; name: string; onShow: () => void };

/** A source whose owner has to give leave first: that is asked for here, and the source is looked at when the owner comes back. */
export function AddedForLeave({ id, name, onShow }: Props) {
  const ask = useAskConsent();
  const leave = () =>
    ask.mutate(id, { onSuccess: ({ authorization_url }) => window.location.assign(authorization_url) });
  return (
    <div className="grid gap-4">
      <div>
        <h3 className="text-lg font-bold">{text.leave(name)}</h3>
        <p className="mt-1 text-soft">{all.consent.lead}</p>
      </div>
      {ask.isError && <Failure error={ask.error} />}
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" disabled={ask.isPending || ask.isSuccess} onClick={leave}>
          {ask.isPending || ask.isSuccess ? all.consent.asking : all.consent.ask}
        </Button>
        <Button onClick={onShow}>{text.later}</Button>
      </div>
    </div>
  );
}

export function Added({ id, name, onShow }: Props) {
  const check = useCheck();
  const sync = useSync();
  const looked = useRef(false);
  const look = check.mutate;
  useEffect(() => {
    if (looked.current) return;
    looked.current = true;
    look(id);
  }, [id, look]);
  const read = () =>
    sync.mutate(
      { id, mode: "incremental" },
      {
        onSuccess: () => {
          toast.done(all.actions.syncStarted(name));
          onShow();
        },
      },
    );
  return (
    <div className="grid gap-4">
      {check.data ? (
        <>
          <h3 className="text-lg font-bold">{check.data.ok ? text.checked : text.notChecked}</h3>
          <CheckNote check={check.data} />
        </>
      ) : check.isError ? (
        <Failure error={check.error} retry={() => look(id)} />
      ) : (
        <>
          <h3 className="text-lg font-bold">{text.checkingTitle}</h3>
          <Loading label={text.checkingTitle} rows={2} />
        </>
      )}
      {sync.isError && <Failure error={sync.error} />}
      <div className="flex flex-wrap gap-2">
        {check.data?.ok && (
          <Button tone="primary" disabled={sync.isPending} onClick={read}>
            {text.readNow}
          </Button>
        )}
        <Button onClick={onShow}>{check.data?.ok ? text.later : text.show}</Button>
      </div>
    </div>
  );
}
