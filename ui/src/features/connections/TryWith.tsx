// In the wizard: what there is to try with, each by one click. It is read at once.
import { useQuery } from "@tanstack/react-query";
import { samplesQuery, useAddSamples } from "@/api/samples";
import { text as all } from "@/text/connections";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";

const text = all.samples;

export function TryWith({ onAdded }: { onAdded: (id: string) => void }) {
  const samples = useQuery(samplesQuery);
  const add = useAddSamples();
  const known = samples.data;
  if (!known) return null;
  const isNew = (one: { connection_id: string | null }) => one.connection_id === null;
  const simulated = known.simulated.filter(isNew);
  const offersSamples = known.offered && known.samples.some(isNew);
  if (simulated.length === 0 && !offersSamples) return null;
  const use = (wanted: { simulated?: string[] }, name: string) =>
    add.mutate(wanted, {
      onSuccess: ({ connections: [first] }) => {
        toast.done(text.added(name));
        if (first) onAdded(first);
      },
    });
  return (
    <section className="grid gap-2.5 rounded-2xl border border-accent/50 bg-accent/8 p-4">
      <h3 className="font-bold">{text.title}</h3>
      <p className="text-sm text-soft">{text.lead}</p>
      <div className="flex flex-wrap gap-2">
        {offersSamples && (
          <Button small disabled={add.isPending} onClick={() => use({}, text.all(known.samples.length))}>
            {text.all(known.samples.length)}
          </Button>
        )}
        {simulated.map(({ name, title }) => (
          <Button
            key={name}
            small
            data-simulated={name}
            disabled={add.isPending}
            onClick={() => use({ simulated: [name] }, text.simulated(title))}
          >
            {text.simulated(title)}
          </Button>
        ))}
      </div>
      {add.isError && <Failure error={add.error} />}
    </section>
  );
}
