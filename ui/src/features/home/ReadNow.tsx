// The second step of a newcomer: the sources are read, and each says how far it is. What is shown is told live.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { connectionsQuery, graphStateQuery } from "@/api/queries";
import { useAskWhileAway } from "@/api/socket";
import type { Connection } from "@/api/types";
import type { useConnectAll } from "@/api/useConnectAll";
import { formatCount } from "@/lib/format";
import { text as all } from "@/text/home";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/States";
import { StatusDot, type StatusTone } from "@/ui/StatusDot";

const text = all.first;
const READ_AGAIN_MS = 2_000;
const TONES: Record<Connection["status"], StatusTone> = {
  never_run: "idle",
  running: "good",
  ready: "good",
  failed: "bad",
  paused: "idle",
  safe_mode: "idle",
  awaits_confirmation: "warn",
};

type Props = {
  connections: Connection[];
  run: ReturnType<typeof useConnectAll>;
  /** Whether a read was asked for on this page. */
  begun: boolean;
};

export function ReadNow({ connections, run, begun }: Props) {
  const is = (status: Connection["status"]) => connections.some((one) => one.status === status);
  const reading = is("running") || (begun && (is("never_run") || is("ready")));
  const refetchInterval = useAskWhileAway(READ_AGAIN_MS);
  useQuery({ ...connectionsQuery, refetchInterval: reading && refetchInterval });
  useQuery({ ...graphStateQuery, refetchInterval: reading && refetchInterval });
  const failed = !reading && is("failed");
  return (
    <div className="grid justify-items-start gap-4">
      <p className="text-soft">{reading ? text.readingLead : text.connected(connections.length)}</p>
      {(reading || failed) && <Sources connections={connections} told={refetchInterval === false} />}
      <div className="flex flex-wrap items-center gap-4">
        <Button tone="primary" disabled={run.isPending || reading} onClick={() => run.mutate(null)}>
          <Play aria-hidden="true" className="size-4" fill="currentColor" />{" "}
          {reading ? (is("running") || is("never_run") ? text.reading : text.unifying) : text.read}
        </Button>
        {failed && (
          <Link to="/connections" className="font-semibold text-accent underline-offset-4 hover:underline">
            {text.look}
          </Link>
        )}
      </div>
      {run.isError && <Failure error={run.error} />}
    </div>
  );
}

/** `told` says that the line is up, so that what is shown as live is. */
function Sources({ connections, told }: { connections: Connection[]; told: boolean }) {
  return (
    <ul aria-label={text.sources} className="grid w-full gap-x-8 gap-y-1 sm:grid-cols-2 xl:grid-cols-3">
      {connections.map((one) => (
        <li key={one.id} className="flex min-h-9 items-center gap-3 border-b border-line text-sm">
          <span className="min-w-0 flex-1 truncate font-semibold">{one.name}</span>
          <StatusDot tone={TONES[one.status]} live={told && one.status === "running"}>
            {one.status === "ready" && one.last_run
              ? text.landed(formatCount(one.last_run.landed))
              : text.states[one.status]}
          </StatusDot>
        </li>
      ))}
    </ul>
  );
}
