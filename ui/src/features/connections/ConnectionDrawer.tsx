// One connection in detail: its actions, health, tables, runs, settings and log.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Connection, ConnectionHealth } from "@/api/types";
import { formatMoment, formatShare } from "@/lib/format";
import { text as all } from "@/text/connections";
import { Badge } from "@/ui/Badge";
import { Drawer } from "@/ui/Drawer";
import { Query } from "@/ui/Query";
import { StatusDot } from "@/ui/StatusDot";
import { ConnectionActions } from "./ConnectionActions";
import { ConsentSection, restsOnConsent } from "./ConsentSection";
import { EventsCard } from "./EventsCard";
import { HeldRead } from "./HeldRead";
import { healthOfQuery } from "./queries";
import { RunsSection } from "./RunsSection";
import { StreamsSection } from "./StreamsSection";
import { shownSetting } from "./shown";
import { lookOfConnection, lookOfVerdict } from "./verdicts";

const text = all.detail;

export function ConnectionDrawer({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const look = lookOfConnection(connection);
  return (
    <Drawer
      title={connection.name}
      onClose={onClose}
      summary={
        <>
          <Badge tone="source">{connection.connector}</Badge>
          {connection.system !== connection.name && <span>{connection.system}</span>}
          <StatusDot tone={look.tone} live={connection.status === "running"}>
            {look.label}
          </StatusDot>
          {connection.paused?.reason && <span className="break-words">“{connection.paused.reason}”</span>}
        </>
      }
    >
      <div className="grid grid-cols-1 gap-6 px-5 pt-5 sm:px-6">
        <HeldRead connection={connection} />
        <ConnectionActions connection={connection} onGone={onClose} />
        {restsOnConsent(connection) && <ConsentSection connection={connection} />}
        <HealthSection id={connection.id} />
        <StreamsSection id={connection.id} streams={connection.streams} name={connection.name} />
        <RunsSection id={connection.id} />
        <SettingsSection config={connection.config as Record<string, unknown>} />
        <EventsCard connection={connection.id} />
      </div>
    </Drawer>
  );
}

function HealthSection({ id }: { id: string }) {
  const health = useQuery(healthOfQuery(id));
  return (
    <section>
      <h3 className="mb-2 font-bold">{text.health}</h3>
      <Query query={health} loading={text.healthLoading}>
        {(measured) => <HealthFacts health={measured} />}
      </Query>
    </section>
  );
}

function HealthFacts({ health }: { health: ConnectionHealth }) {
  const look = lookOfVerdict(health.verdict);
  const { latency } = health;
  const when = (iso: string | null | undefined) => (iso ? formatMoment(iso) : text.unknown);
  const facts: [string, ReactNode][] = [
    [
      text.reachable,
      health.reachable == null
        ? text.unknown
        : `${health.reachable ? text.yes : text.no}${health.checked_at ? `, ${formatMoment(health.checked_at)}` : ""}`,
    ],
    [text.latency, latency ? text.latencyOf(latency.median_ms, latency.p95_ms, latency.measured) : text.unknown],
    [
      text.success,
      health.success_rate == null
        ? text.unknown
        : text.successOf(formatShare(health.success_rate), health.runs_looked_at),
    ],
    [text.fresh, when(health.fresh_as_of)],
    [text.deletes, when(health.deletes_known_as_of)],
  ];
  return (
    <div className="grid gap-3">
      <StatusDot tone={look.tone}>{look.label}</StatusDot>
      <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[11rem_minmax(0,1fr)]">
        {facts.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-faint">{label}</dt>
            <dd className="num max-sm:mb-1.5">{value}</dd>
          </div>
        ))}
      </dl>
      {health.alerts.map((alert) => (
        <p
          key={`${alert.stream}/${alert.kind}`}
          className="rounded-xl border border-warn/40 bg-warn/10 px-3.5 py-2.5 text-sm break-words"
        >
          {alert.stream && <span className="font-mono text-[0.8125rem]">{alert.stream}: </span>}
          {alert.message}
        </p>
      ))}
    </div>
  );
}

function SettingsSection({ config }: { config: Record<string, unknown> }) {
  const settings = Object.entries(config).filter(([, value]) => value !== null && value !== undefined);
  return (
    <section>
      <h3 className="mb-1 font-bold">{text.settings}</h3>
      <p className="mb-2 text-sm text-soft">{text.secretsNote}</p>
      <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[11rem_minmax(0,1fr)]">
        {settings.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="font-mono text-[0.8125rem] break-all text-faint">{name}</dt>
            <dd className="font-mono text-[0.8125rem] break-all max-sm:mb-1.5">{shownSetting(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
