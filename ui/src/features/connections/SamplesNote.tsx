// Says that some connections are there to try with, and removes all of them at once.
import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import { samplesQuery, useRemoveSamples } from "@/api/samples";
import { text as all } from "@/text/connections";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/Dialog";
import { toast } from "@/ui/toasts";

const text = all.samples;

export function SamplesNote() {
  const samples = useQuery(samplesQuery);
  const remove = useRemoveSamples();
  const writes = useMay("connections:write") === true;
  const [asking, setAsking] = useState(false);
  const known = samples.data;
  const connected = known ? [...known.samples, ...known.simulated].filter((one) => one.connection_id).length : 0;
  if (connected === 0) return null;
  return (
    <section className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-2xl border border-line bg-surface px-5 py-3 shadow-card">
      <Sparkles aria-hidden="true" className="size-5 shrink-0 text-accent" />
      <p className="min-w-60 flex-1 text-soft">{text.connected(connected)}</p>
      {writes && (
        <Button small tone="danger" onClick={() => setAsking(true)}>
          {text.remove}
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={text.remove}
          confirm={remove.isPending ? text.removing : text.remove}
          busy={remove.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            remove.mutate(null, {
              onSuccess: () => toast.done(text.removed),
              onError: toast.failed,
              onSettled: () => setAsking(false),
            })
          }
        >
          {text.removeLead}
        </ConfirmDialog>
      )}
    </section>
  );
}
