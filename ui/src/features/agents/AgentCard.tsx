// One agent: whether it may act, how far, what it used today, and for a pilot a look now.
import { useQuery } from "@tanstack/react-query";
import { Eye } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import type { AgentSettings, RegisteredAgent } from "@/api/types";
import { formatMoment, words } from "@/lib/format";
import { text } from "@/text/agents";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ConfirmDialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { Switch } from "@/ui/Switch";
import { toast } from "@/ui/toasts";
import { BudgetsDialog } from "./BudgetsDialog";
import { MODES } from "./modes";
import { runsQuery, useLook, useRemoveAgent, useSetAgent } from "./queries";

export function AgentCard({ agent }: { agent: RegisteredAgent }) {
  const manages = useMay("agents:manage") === true;
  const runs = useMay("agents:run") === true;
  const [set, look, remove] = [useSetAgent(), useLook(), useRemoveAgent()];
  const [asking, setAsking] = useState<"budgets" | "remove" | null>(null);
  const pilot = agent.kind === "pilot";
  const named = agent.name || agent.id;
  const change = (part: Partial<AgentSettings>) => {
    const { name, description, mode, enabled, api_key, budgets, worded_by_model } = agent;
    const settings = { name, description, mode, enabled, api_key, budgets, worded_by_model, ...part };
    set.mutate({ id: agent.id, settings }, { onSuccess: () => toast.done(text.saved), onError: toast.failed });
  };
  return (
    <Card
      title={<bdi>{named}</bdi>}
      aside={
        <span className="flex flex-wrap gap-2">
          <Badge tone="agent">{text.kinds[agent.kind] ?? agent.kind}</Badge>
          <Badge tone={agent.active ? "good" : "warn"}>{agent.active ? text.active : text.stopped}</Badge>
        </span>
      }
    >
      <div data-agent={agent.id} className="grid gap-4">
        <p className="break-words text-soft">{agent.description}</p>
        <div className="flex flex-wrap items-center gap-3">
          <select
            aria-label={text.modeOf(named)}
            className={`${inputClass} min-h-10 text-sm sm:w-48`}
            value={agent.mode}
            disabled={!manages || set.isPending}
            onChange={(event) => change({ mode: event.target.value as AgentSettings["mode"] })}
          >
            {MODES.map((mode) => (
              <option key={mode} value={mode}>
                {text.modes[mode]?.[0]}
              </option>
            ))}
          </select>
          <Switch
            label={text.enabled(named)}
            checked={agent.enabled ?? true}
            disabled={!manages || set.isPending}
            onChange={(enabled) => change({ enabled })}
          />
          {pilot && runs && (
            <Button
              small
              className="ml-auto"
              disabled={!agent.active || look.isPending}
              onClick={() =>
                look.mutate(agent.id, { onSuccess: () => toast.done(text.looks(named)), onError: toast.failed })
              }
            >
              <Eye aria-hidden="true" className="size-4" /> {look.isPending ? text.looking : text.look}
            </Button>
          )}
        </div>
        <p className="text-sm text-faint">{text.modes[agent.mode ?? ""]?.[1]}</p>
        <p className="num flex flex-wrap gap-x-4 gap-y-1 text-sm text-soft">
          <span className="text-faint">{text.budget}</span>
          <span>{text.rows(agent.used_today.rows ?? 0, agent.budgets?.rows_per_day ?? null)}</span>
          <span>{text.writes(agent.used_today.writes ?? 0, agent.budgets?.writes_per_day ?? null)}</span>
          <span>{text.tokens(agent.used_today.tokens ?? 0, agent.budgets?.tokens_per_day ?? null)}</span>
          <span>{text.dollars(agent.used_today.dollar_micros ?? 0, agent.budgets?.dollars_per_day ?? null)}</span>
          {agent.open_findings != null && <span>{text.openFindings(agent.open_findings)}</span>}
        </p>
        {manages && (
          <div className="flex flex-wrap gap-2">
            <Button small onClick={() => setAsking("budgets")}>
              {text.setBudgets}
            </Button>
            {!pilot && (
              <Button small tone="danger" onClick={() => setAsking("remove")}>
                {text.remove}
              </Button>
            )}
          </div>
        )}
        {pilot && (
          <div className="flex items-center gap-3 text-sm text-soft">
            <Switch
              label={text.wordedBy(named)}
              checked={agent.worded_by_model ?? false}
              disabled={!manages || set.isPending}
              onChange={(worded_by_model) => change({ worded_by_model })}
            />
            <span>{text.worded}</span>
          </div>
        )}
        {pilot && <LatestLooks id={agent.id} />}
        {asking === "budgets" && (
          <BudgetsDialog
            name={named}
            budgets={agent.budgets}
            busy={set.isPending}
            onSave={(budgets) => {
              change({ budgets });
              setAsking(null);
            }}
            onClose={() => setAsking(null)}
          />
        )}
        {asking === "remove" && (
          <ConfirmDialog
            title={text.removeTitle(named)}
            confirm={text.remove}
            busy={remove.isPending}
            onConfirm={() =>
              remove.mutate(agent.id, {
                onSuccess: () => toast.done(text.removed(named)),
                onError: toast.failed,
                onSettled: () => setAsking(null),
              })
            }
            onClose={() => setAsking(null)}
          >
            {text.removeLead}
          </ConfirmDialog>
        )}
      </div>
    </Card>
  );
}

function LatestLooks({ id }: { id: string }) {
  const runs = useQuery(runsQuery(id));
  if (!runs.data) return null;
  if (runs.data.items.length === 0) return <p className="text-sm text-faint">{text.runsNone}</p>;
  return (
    <details className="text-sm">
      <summary className="w-fit text-faint hover:text-ink">{text.runs}</summary>
      <ul className="mt-1 grid gap-1 text-soft">
        {runs.data.items.map(({ id: run, finished_at, outcome }) => {
          const count = (name: string) => Number((outcome as Record<string, unknown>)[name] ?? 0);
          const { skipped = [] } = outcome as { skipped?: { kind: string; missing: string[] }[] };
          return (
            <li key={run} className="grid gap-0.5">
              <span className="flex flex-wrap justify-between gap-x-4">
                <time dateTime={finished_at}>{formatMoment(finished_at)}</time>
                <span className="num">{text.runOf(count("new"), count("again"), count("resolved"))}</span>
              </span>
              {skipped.map(({ kind, missing }) => (
                <span key={kind} className="text-faint">
                  {text.skipped(words(kind), missing.join(", "))}
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
