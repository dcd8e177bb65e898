// The choice of sources and agents, the Run button, and the progress of the run.
import { Play, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Agent, Connection, GraphState } from "@/api/types";
import { formatCount, formatDuration, formatStopwatch } from "@/lib/format";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { Below } from "@/ui/Below";
import { Button } from "@/ui/Button";
import { CheckRow } from "@/ui/CheckRow";
import { Progress } from "@/ui/Progress";
import { Failure } from "@/ui/States";
import { CoverageQuestions } from "./CoverageQuestions";
import { overallPercent, type RunProgress, totals } from "./runProgress";
import { SourceList } from "./SourceList";
import { useElapsedMs, useRun } from "./useRun";

type Props = {
  connections: Connection[];
  agents: Agent[];
  state: GraphState;
  /** Leads to where a source is added. */
  onAdd: () => void;
  /** How a run goes, beside what it reads. */
  modes?: ReactNode;
  /** What is said in place of the choice where there is nothing to choose from. */
  none: ReactNode;
};

export function RunPanel({ connections, agents, state, onAdd, modes, none }: Props) {
  const { run, running, start } = useRun();
  const [sources, setSources] = useState(() => initialSources(connections, state));
  const [chosenAgents, setChosenAgents] = useState(() => initialAgents(agents));
  const ticked = connections.map((connection) => connection.name).filter((name) => sources.has(name));
  const busy = running || start.isPending;

  if (connections.length === 0) {
    return (
      <>
        {modes}
        {none}
      </>
    );
  }

  return (
    <div className="grid grid-cols-1">
      <div className="grid gap-3 border-b border-line p-4">
        <div className="flex items-center gap-3">
          <Button
            tone="primary"
            className="flex-1"
            disabled={busy || ticked.length === 0}
            onClick={() => start.mutate({ sources: ticked, agents: [...chosenAgents] })}
          >
            <Play aria-hidden="true" className="size-4" fill="currentColor" />
            {busy ? text.running : text.run(ticked.length)}
          </Button>
          <Stopwatch run={run} />
        </div>
        {run ? <Overall run={run} /> : <p className="text-sm text-faint">{text.aRunReadsMapsAndUnifies}</p>}
      </div>
      {modes}
      <CoverageQuestions running={running} />
      {start.isError && <Failure error={start.error} />}
      {run?.error && <Failure error={new Error(run.error)} />}
      <Below>
        <Choices
          title={text.sourcesTitle}
          all={connections.map((connection) => connection.name)}
          chosen={sources}
          disabled={busy}
          onChange={setSources}
          footer={<AddButton onAdd={onAdd} />}
        >
          {(toggle) => (
            <SourceList connections={connections} chosen={sources} run={run} disabled={busy} onToggle={toggle} />
          )}
        </Choices>
        <Choices
          title={text.agents}
          all={agents.map((agent) => agent.id)}
          chosen={chosenAgents}
          disabled={busy}
          onChange={setChosenAgents}
        >
          {(toggle) =>
            agents.map((agent) => (
              <CheckRow
                key={agent.id}
                label={agent.name}
                checked={chosenAgents.has(agent.id)}
                disabled={busy}
                onChange={(checked) => toggle(agent.id, checked)}
              >
                <span className="flex items-center justify-between gap-2">
                  <span className="truncate font-semibold">{agent.name}</span>
                  <Badge tone="agent">{text.usesEntities(agent.consumes.length)}</Badge>
                </span>
              </CheckRow>
            ))
          }
        </Choices>
      </Below>
    </div>
  );
}

/** Ticks what the picture shows and what was never read; everything when that is nothing. */
function initialSources(connections: Connection[], state: GraphState): Set<string> {
  const added = new Set(state.sources_added);
  const known = connections.filter(({ name, status }) => added.has(name) || status === "never_run");
  return new Set((known.length > 0 ? known : connections).map((connection) => connection.name));
}

function initialAgents(agents: Agent[]): Set<string> {
  const selected = agents.filter((agent) => agent.selected);
  return new Set((selected.length > 0 ? selected : agents).map((agent) => agent.id));
}

type ChoicesProps = {
  title: string;
  all: string[];
  chosen: Set<string>;
  disabled: boolean;
  onChange: (chosen: Set<string>) => void;
  footer?: ReactNode;
  children: (toggle: (id: string, checked: boolean) => void) => ReactNode;
};

function Choices({ title, all, chosen, disabled, onChange, footer, children }: ChoicesProps) {
  const everything = all.every((id) => chosen.has(id));
  const toggle = (id: string, checked: boolean) => {
    const next = new Set(chosen);
    if (checked) next.add(id);
    else next.delete(id);
    onChange(next);
  };
  return (
    <fieldset className="min-w-0 border-line p-2 pt-3 [&+fieldset]:border-t">
      <legend className="sr-only">{title}</legend>
      <div className="flex items-center justify-between px-2 pb-1">
        <span aria-hidden="true" className="font-bold">
          {title}{" "}
          <span className="num ml-1 text-sm font-semibold text-faint">{text.chosenOf(chosen.size, all.length)}</span>
        </span>
        <button
          type="button"
          disabled={disabled}
          className="min-h-8 rounded-lg px-2 text-sm font-semibold text-accent hover:underline disabled:text-faint disabled:no-underline"
          onClick={() => onChange(new Set(everything ? [] : all))}
        >
          {everything ? text.clear : text.everything}
          <span className="sr-only"> {title.toLowerCase()}</span>
        </button>
      </div>
      {children(toggle)}
      {footer && <div className="px-2 pt-2 pb-1">{footer}</div>}
    </fieldset>
  );
}

function Stopwatch({ run }: { run: RunProgress | null }) {
  const elapsedMs = useElapsedMs(run);
  return (
    <span
      role="timer"
      aria-label={text.timeOfThisRun}
      className="num min-w-[5.25rem] text-right font-mono text-lg font-semibold"
    >
      {formatStopwatch(elapsedMs)}
    </span>
  );
}

function Overall({ run }: { run: RunProgress }) {
  const sum = totals(run);
  const failed = run.status === "failed" || sum.sourcesFailed > 0;
  const nothingNew = run.status === "finished" && !failed && sum.records === 0;
  return (
    <div className="grid gap-2">
      <Progress
        label={text.progressOfTheRun}
        percent={overallPercent(run)}
        tone={failed ? "bad" : run.status === "finished" ? "good" : "accent"}
      />
      <p aria-live="polite" className="num flex flex-wrap justify-between gap-x-3 text-sm text-soft">
        <span>
          {run.status === "finished" && run.elapsedMs !== null
            ? text.finishedIn(formatDuration(run.elapsedMs))
            : run.status === "failed"
              ? text.theRunFailed
              : text.endedOf(sum.sourcesEnded, sum.sources)}
          {sum.sourcesFailed > 0 && text.andFailed(sum.sourcesFailed)}
        </span>
        <span>{nothingNew ? text.nothingNewToRead : `${formatCount(sum.records)} ${text.recordsRead}`}</span>
      </p>
    </div>
  );
}

export function AddButton({ onAdd }: { onAdd: () => void }) {
  return (
    <Button small onClick={onAdd}>
      <Plus aria-hidden="true" className="size-4" /> {text.addASource}
    </Button>
  );
}
