// A read that waits, because it would take more of the source's requests than may be spent unasked; a person lets it go on.
import { Hourglass } from "lucide-react";
import { useMay } from "@/api/permissions";
import type { Connection } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/connections";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { useConfirmRead } from "./queries";

const text = all.held;

export function HeldRead({ connection }: { connection: Connection }) {
  const writes = useMay("connections:write") === true;
  const confirm = useConfirmRead();
  const held = connection.held_read;
  if (!held) return null;
  return (
    <section aria-label={text.title} className="grid gap-3 rounded-xl border border-warn/40 bg-warn/10 p-4">
      <div className="flex gap-3">
        <Hourglass aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-warn" />
        <div className="grid min-w-0 gap-1">
          <h3 className="font-bold">{held.confirmed_at ? text.goesOn : text.title}</h3>
          <p className="break-words text-soft">{held.message}</p>
          <p className="num text-sm text-soft">
            {held.requests == null ? text.unknown(held.requests_max) : text.requests(held.requests, held.requests_max)}{" "}
            {held.confirmed_at
              ? text.confirmed(formatMoment(held.confirmed_at))
              : text.since(formatMoment(held.held_at))}
          </p>
        </div>
      </div>
      {writes && !held.confirmed_at && (
        <div>
          <Button
            small
            tone="primary"
            disabled={confirm.isPending}
            onClick={() => confirm.mutate(connection.id, { onSuccess: () => toast.done(text.done(connection.name)) })}
          >
            {confirm.isPending ? text.confirming : text.confirm}
          </Button>
        </div>
      )}
      {confirm.isError && <Failure error={confirm.error} />}
    </section>
  );
}
