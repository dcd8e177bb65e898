// The orchestration's one job at a time: what runs, what ran last, and the buttons that start the next one.
import { useState } from "react";
import type { AoaStatus, TaskSummary } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/orchestration";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Progress } from "@/ui/Progress";
import { Failure } from "@/ui/States";
import { AskDiscovery } from "./AskDiscovery";
import { useCancel, useProductionMode, useReset, useRunConnect } from "./queries";
import { kindWords, lookOf } from "./states";

type Props = { status: AoaStatus; onOpen: (task: string) => void };

export function OrchestrationCard({ status, onOpen }: Props) {
  const run = useRunConnect();
  const reset = useReset();
  const mode = useProductionMode();
  const [surelyReset, setSurelyReset] = useState(false);
  const busy = status.active !== null || run.isPending || reset.isPending || mode.isPending;
  const refused = run.error ?? reset.error ?? mode.error;
  return (
    <Card
      title={text.orchestration}
      aside={
        <span className="flex max-w-full min-w-0 flex-wrap gap-1.5">
          <Badge tone={status.prod_mode ? "good" : "warn"}>
            {status.prod_mode ? text.productionMode : text.languageModelsAllowed}
          </Badge>
          {status.agents.map((agent) => (
            <Badge key={agent.id} tone={agent.selected ? "agent" : "neutral"}>
              {agent.name}
            </Badge>
          ))}
        </span>
      }
    >
      <div className="grid gap-5 lg:grid-cols-2">
        <div className="grid content-start gap-4">
          {status.active ? (
            <ActiveJob job={status.active} onOpen={onOpen} />
          ) : (
            <p className="text-soft">{text.noJobIsRunningOneRuns}</p>
          )}
          {status.last && <LastJob job={status.last} onOpen={onOpen} />}
        </div>
        <div className="grid content-start gap-4">
          <div className="flex flex-wrap gap-2">
            <Button small tone="primary" disabled={busy} onClick={() => run.mutate(null)}>
              {text.connectAllSources}
            </Button>
            <Button small disabled={busy} onClick={() => mode.mutate(!status.prod_mode)}>
              {status.prod_mode ? text.leaveProductionMode : text.enterProductionMode}
            </Button>
            {surelyReset ? (
              <>
                <Button
                  small
                  tone="danger"
                  disabled={busy}
                  onClick={() => {
                    setSurelyReset(false);
                    reset.mutate(null);
                  }}
                >
                  {text.yesClearWhatWasDerived}
                </Button>
                <Button small onClick={() => setSurelyReset(false)}>
                  {text.keepIt}
                </Button>
              </>
            ) : (
              <Button small tone="danger" disabled={busy} onClick={() => setSurelyReset(true)}>
                {text.reset}
              </Button>
            )}
          </div>
          {surelyReset && <p className="text-sm text-soft">{text.mappingsUnifiedRecordsAndCursorsGo}</p>}
          <AskDiscovery configured={status.aod_configured} />
        </div>
      </div>
      {refused && <Failure error={refused} />}
    </Card>
  );
}

function ActiveJob({ job, onOpen }: { job: TaskSummary; onOpen: (task: string) => void }) {
  const cancel = useCancel();
  const look = lookOf(job.state);
  return (
    <section aria-label={text.activeJob} className="grid gap-2.5 rounded-xl border border-line bg-bg/40 p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="font-bold">{kindWords(job.kind)}</span>
        <Badge tone={look.tone}>{job.cancel_requested ? text.beingCanceled : look.label}</Badge>
        <span className="ml-auto flex gap-2">
          <Button small onClick={() => onOpen(job.id)}>
            {text.details}
          </Button>
          <Button
            small
            tone="danger"
            disabled={job.cancel_requested || cancel.isPending}
            onClick={() => cancel.mutate(job.id)}
          >
            {text.cancel}
          </Button>
        </span>
      </div>
      {job.progress && (
        <>
          <Progress label={text.progressOf(kindWords(job.kind))} percent={job.progress.fraction * 100} />
          <p className="text-sm break-words text-soft">{job.progress.message}</p>
        </>
      )}
      {cancel.error && <Failure error={cancel.error} />}
    </section>
  );
}

function LastJob({ job, onOpen }: { job: TaskSummary; onOpen: (task: string) => void }) {
  const look = lookOf(job.state);
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-soft">
      {text.last}{" "}
      <button
        type="button"
        className="font-semibold text-accent underline underline-offset-4"
        onClick={() => onOpen(job.id)}
      >
        {kindWords(job.kind)}
      </button>
      <Badge tone={look.tone}>{look.label}</Badge>
      {job.finished_at && <time dateTime={job.finished_at}>{formatMoment(job.finished_at)}</time>}
    </p>
  );
}
