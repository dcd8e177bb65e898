// The way of a newcomer to the first unified record: choose a source, read it, see a record. It goes on by itself with what is stored.
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Check } from "lucide-react";
import { useAddSamples } from "@/api/samples";
import type { Connection } from "@/api/types";
import { useConnectAll } from "@/api/useConnectAll";
import { text as all } from "@/text/home";
import { Card } from "@/ui/Card";
import { ChooseSource } from "./ChooseSource";
import { ReadNow } from "./ReadNow";

const text = all.first;

export function FirstRun({ connections, records }: { connections: Connection[]; records: number }) {
  const samples = useAddSamples();
  const run = useConnectAll();
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
      {at === 0 && <ChooseSource samples={samples} />}
      {at === 1 && <ReadNow connections={connections} run={run} begun={samples.isSuccess || run.isSuccess} />}
      {at === 2 && <SeeRecords records={records} />}
    </Card>
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
