// The first step of a newcomer: sample data by one click, or something of one's own.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Cable, FolderOpen, type LucideIcon, Radio, Sparkles } from "lucide-react";
import { useMay } from "@/api/permissions";
import { samplesQuery, type useAddSamples } from "@/api/samples";
import { text as all } from "@/text/home";
import { Button } from "@/ui/Button";
import { CopyField } from "@/ui/CopyField";
import { Failure } from "@/ui/States";

const text = all.first;
/** On the port that the form for it expects. */
const SIMULATOR_COMMAND = "autonomos simulate hubspot --port 5901";

type Add = ReturnType<typeof useAddSamples>;

export function ChooseSource({ samples: add }: { samples: Add }) {
  const samples = useQuery(samplesQuery);
  const writes = useMay("connections:write") === true;
  const known = samples.data;
  const offers = writes && known !== undefined && (known.offered || known.simulated.length > 0);
  return (
    <div className="grid gap-6">
      {writes && known?.offered && (
        <section className="flex flex-wrap items-center gap-x-6 gap-y-4 rounded-2xl border border-accent/50 bg-accent/8 p-5">
          <Sparkles aria-hidden="true" className="size-7 shrink-0 text-accent max-sm:hidden" />
          <div className="min-w-60 flex-1">
            <h3 className="text-lg font-bold">{text.samples}</h3>
            <p className="text-soft">{text.samplesLead(known.samples.length)}</p>
          </div>
          <Button tone="primary" disabled={add.isPending} onClick={() => add.mutate({})}>
            {add.isPending ? text.samplesAdding : text.samplesAdd}
          </Button>
        </section>
      )}
      {add.isError && <Failure error={add.error} />}
      <section>
        <h3 className="mb-3 font-bold">{offers ? text.own : text.choose}</h3>
        <div className="grid gap-4 md:grid-cols-2">
          <Choice add="file" icon={FolderOpen} title={text.folder}>
            {text.folderLead}
          </Choice>
          <Choice add="choose" icon={Cable} title={text.system}>
            {text.systemLead}
          </Choice>
          {writes &&
            known?.simulated.map(({ name, title }) => (
              <button
                key={name}
                type="button"
                data-simulated={name}
                disabled={add.isPending}
                onClick={() => add.mutate({ simulated: [name] })}
                className={choiceClass}
              >
                <ChoiceText icon={Radio} title={text.simulated(title)}>
                  {text.simulatedLead}
                </ChoiceText>
              </button>
            ))}
        </div>
      </section>
      {known !== undefined && !offers && <PlayOne />}
    </div>
  );
}

/** Where the operator offers nothing to try with: how to play a service on the server's machine. */
function PlayOne() {
  return (
    <section className="grid max-w-2xl gap-2 border-t border-line pt-5">
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
  );
}

const choiceClass =
  "flex items-start gap-4 rounded-2xl border border-line-strong p-5 text-left transition-colors hover:border-accent hover:bg-raised/50";

function Choice({ add, ...rest }: { add: string; icon: LucideIcon; title: string; children: string }) {
  return (
    <Link to="/connections" search={{ add }} className={choiceClass}>
      <ChoiceText {...rest} />
    </Link>
  );
}

function ChoiceText({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children: string }) {
  return (
    <>
      <Icon aria-hidden="true" className="mt-0.5 size-6 shrink-0 text-source" />
      <span>
        <span className="block font-bold">{title}</span>
        <span className="mt-0.5 block text-soft">{children}</span>
      </span>
    </>
  );
}
