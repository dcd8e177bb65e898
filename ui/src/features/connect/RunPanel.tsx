// The choice of sources and agents, the Run button, and the progress of the run.
import { Play } from "lucide-react";
import { useState } from "react";
import type { Agent, Connection, GraphState } from "@/api/types";
import { formatCount, formatDuration, formatStopwatch, plural } from "@/lib/format";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { CheckRow } from "@/ui/CheckRow";
import { Progress } from "@/ui/Progress";
import { Failure } from "@/ui/States";
import { AddSource } from "./AddSource";
import { overallPercent, type RunProgress, totals } from "./runProgress";
import { SourceRow } from "./SourceRow";
import { useElapsedMs, useRun } from "./useRun";

type Props = { connections: Connection[]; agents: Agent[]; state: GraphState };

export function RunPanel({ connections, agents, state }: Props) {
  const { run, running, start } = useRun();
  const [sources, setSources] = useState(() => initialSources(connections, state));
  const [chosenAgents, setChosenAgents] = useState(() => initialAgents(agents));
  const ticked = connections.map((connection) => connection.name).filter((name) => sources.has(name));
  const busy = running || start.isPending;

  const tick = (name: string) => setSources((chosen) => new Set([...chosen, name]));

  if (connections.length === 0) return <NoConnections onAdded={tick} />;

  return (
    <div className="grid">
      <div className="grid gap-3 border-b border-line p-4">
        <div className="flex items-center gap-3">
          <Button
            tone="primary"
            className="flex-1"
            disabled={busy || ticked.length === 0}
            onClick={() => start.mutate({ sources: ticked, agents: [...chosenAgents] })}
          >
            <Play aria-hidden="true" className="size-4" fill="currentColor" />
            {busy ? "Running…" : `Run ${plural(ticked.length, "source")}`}
          </Button>
          <Stopwatch run={run} />
        </div>
        {run ? (
          <Overall run={run} />
        ) : (
          <p className="text-sm text-faint">A run reads, maps and unifies. Running again changes nothing.</p>
        )}
      </div>
      {start.isError && <Failure error={start.error} />}
      {run?.error && <Failure error={new Error(run.error)} />}
      <Choices
        title="Sources"
        all={connections.map((connection) => connection.name)}
        chosen={sources}
        disabled={busy}
        onChange={setSources}
        footer={<AddSource onAdded={tick} />}
      >
        {(toggle) =>
          connections.map((connection) => (
            <CheckRow
              key={connection.id}
              label={connection.name}
              checked={sources.has(connection.name)}
              disabled={busy}
              onChange={(checked) => toggle(connection.name, checked)}
            >
              <SourceRow
                connection={connection}
                progress={run?.sources.find(
                  (source) => source.source === connection.name || source.source === connection.id,
                )}
              />
            </CheckRow>
          ))
        }
      </Choices>
      <Choices
        title="Agents"
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
                <Badge tone="agent">uses {plural(agent.consumes.length, "entity", "entities")}</Badge>
              </span>
            </CheckRow>
          ))
        }
      </Choices>
    </div>
  );
}

function initialSources(connections: Connection[], state: GraphState): Set<string> {
  const names = connections.map((connection) => connection.name);
  const added = new Set(state.sources_added);
  const known = names.filter((name) => added.has(name));
  return new Set(known.length > 0 ? known : names);
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
  footer?: React.ReactNode;
  children: (toggle: (id: string, checked: boolean) => void) => React.ReactNode;
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
    <fieldset className="border-line p-2 pt-3 [&+fieldset]:border-t">
      <legend className="sr-only">{title}</legend>
      <div className="flex items-center justify-between px-2 pb-1">
        <span aria-hidden="true" className="font-bold">
          {title} <span className="num ml-1 text-sm font-semibold text-faint">{`${chosen.size} of ${all.length}`}</span>
        </span>
        <button
          type="button"
          disabled={disabled}
          className="min-h-8 rounded-lg px-2 text-sm font-semibold text-accent hover:underline disabled:text-faint disabled:no-underline"
          onClick={() => onChange(new Set(everything ? [] : all))}
        >
          {everything ? "Clear" : "All"}
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
      aria-label="Time of this run"
      className="num min-w-[5.25rem] text-right font-mono text-lg font-semibold"
    >
      {formatStopwatch(elapsedMs)}
    </span>
  );
}

function Overall({ run }: { run: RunProgress }) {
  const sum = totals(run);
  const failed = run.status === "failed" || sum.sourcesFailed > 0;
  return (
    <div className="grid gap-2">
      <Progress
        label="Progress of the run"
        percent={overallPercent(run)}
        tone={failed ? "bad" : run.status === "finished" ? "good" : "accent"}
      />
      <p aria-live="polite" className="num flex flex-wrap justify-between gap-x-3 text-sm text-soft">
        <span>
          {run.status === "finished" && run.elapsedMs !== null
            ? `Finished in ${formatDuration(run.elapsedMs)}`
            : run.status === "failed"
              ? "The run failed"
              : `${sum.sourcesEnded} of ${plural(sum.sources, "source")}`}
          {sum.sourcesFailed > 0 && `, ${sum.sourcesFailed} failed`}
        </span>
        <span>{formatCount(sum.records)} records read</span>
      </p>
    </div>
  );
}

function NoConnections({ onAdded }: { onAdded: (name: string) => void }) {
  return (
    <div className="grid justify-items-start gap-2 p-5">
      <h2 className="font-bold">No sources yet</h2>
      <p className="mb-2 text-soft">Add a folder of exports that lies on the server, one file per table.</p>
      <AddSource onAdded={onAdded} />
    </div>
  );
}
