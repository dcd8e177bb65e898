// The way of a newcomer to the first unified record: choose a source, read it, see a record. It goes on by itself with what is stored.
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Cable, Check, FolderOpen, type LucideIcon, Play } from "lucide-react";
import { useEffect } from "react";
import type { Connection } from "@/api/types";
import { useConnectAll } from "@/api/useConnectAll";
import { text as all } from "@/text/home";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { Failure } from "@/ui/States";

const text = all.first;
const LOOK_AGAIN_MS = 2_000;
/** On the port that the form for it expects. */
const SIMULATOR_COMMAND = "autonomos simulate hubspot --port 5901";

export function FirstRun({ connections, records }: { connections: Connection[]; records: number }) {
  const at = records > 0 ? 2 : connections.length === 0 ? 0 : 1;
  return (
    <Card>
      <h2 className="text-xl font-bold">{text.title}</h2>
      <p className="mt-1 text-soft">{text.lead}</p>
      <ol className="my-6 flex flex-wrap gap-x-6 gap-y-3">
        {text.steps.map((step, index) => (
          <li
            key={step}
            aria-current={index === at ? "step" : undefined}
            className={clsx("flex items-center gap-2.5 font-semibold", index === at ? "text-ink" : "text-faint")}
          >
            <span
              aria-hidden="true"
              className={clsx(
                "num grid size-7 place-items-center rounded-full border text-sm",
                index < at && "border-good text-good",
                index === at && "border-accent bg-accent text-on-accent",
                index > at && "border-line-strong",
              )}
            >
              {index < at ? <Check className="size-4" /> : index + 1}
            </span>
            {step}
            {index < at && <span className="sr-only"> {text.done}</span>}
          </li>
        ))}
      </ol>
      {at === 0 && <ChooseSource />}
      {at === 1 && <ReadNow connections={connections} />}
      {at === 2 && <SeeRecords records={records} />}
    </Card>
  );
}

function ChooseSource() {
  return (
    <>
      <h3 className="mb-3 font-bold">{text.choose}</h3>
      <div className="grid gap-4 md:grid-cols-2">
        <Choice add="file" icon={FolderOpen} title={text.folder}>
          {text.folderLead}
        </Choice>
        <Choice add="choose" icon={Cable} title={text.system}>
          {text.systemLead}
        </Choice>
      </div>
      <div className="mt-5 grid gap-6 border-t border-line pt-5 md:grid-cols-2">
        <section className="grid content-start gap-2">
          <h3 className="font-bold">{text.samples}</h3>
          <p className="text-soft">
            {text.samplesLead} {text.samplesCommand}:
          </p>
          <CopyField label={text.samplesCopy} value="autonomos demo" />
        </section>
        <section className="grid content-start gap-2">
          <h3 className="font-bold">{text.simulator}</h3>
          <p className="text-soft">{text.simulatorLead}</p>
          <CopyField label={text.simulatorCopy} value={SIMULATOR_COMMAND} />
          <Link
            to="/connections"
            search={{ add: "simulator" }}
            className="inline-flex min-h-10 items-center font-semibold text-accent underline-offset-4 hover:underline"
          >
            {text.simulatorConnect}
          </Link>
          <p className="text-sm text-faint">{text.simulatorAllowed}</p>
        </section>
      </div>
    </>
  );
}

type ChoiceProps = { add: string; icon: LucideIcon; title: string; children: string };

function Choice({ add, icon: Icon, title, children }: ChoiceProps) {
  return (
    <Link
      to="/connections"
      search={{ add }}
      className="flex items-start gap-4 rounded-2xl border border-line-strong p-5 transition-colors hover:border-accent hover:bg-raised/50"
    >
      <Icon aria-hidden="true" className="mt-0.5 size-6 shrink-0 text-source" />
      <span>
        <span className="block font-bold">{title}</span>
        <span className="mt-0.5 block text-soft">{children}</span>
      </span>
    </Link>
  );
}

function ReadNow({ connections }: { connections: Connection[] }) {
  const queryClient = useQueryClient();
  const run = useConnectAll();
  const reading = run.isSuccess || connections.some((connection) => connection.status === "running");
  useEffect(() => {
    if (!reading) return;
    // The picture is pushed when it is there; this helps where the live line is away.
    const timer = setInterval(() => {
      for (const queryKey of [["connections"], ["dcl", "state"]]) void queryClient.invalidateQueries({ queryKey });
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [reading, queryClient]);
  return (
    <div className="grid justify-items-start gap-4">
      <p className="text-soft">{text.connected(connections.length)}</p>
      <Button tone="primary" disabled={run.isPending || reading} onClick={() => run.mutate(null)}>
        <Play aria-hidden="true" className="size-4" fill="currentColor" /> {reading ? text.reading : text.read}
      </Button>
      {run.isError && <Failure error={run.error} />}
    </div>
  );
}

function SeeRecords({ records }: { records: number }) {
  return (
    <div className="grid justify-items-start gap-4">
      <p role="status" className="text-soft">
        {text.readDone(records)}
      </p>
      <Link
        to="/records"
        className="inline-flex min-h-11 items-center gap-2 rounded-xl bg-accent px-5 font-semibold text-on-accent hover:brightness-110"
      >
        {text.open}
      </Link>
    </div>
  );
}
