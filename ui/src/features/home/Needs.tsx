// What needs a person, each with the way to it. The counts are read again when a live message says that they have changed.
import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, CircleCheck } from "lucide-react";
import {
  driftingQuery,
  meshMetricsQuery,
  openProposalsQuery,
  registeredAgentsQuery,
  reviewsWaitingQuery,
  taskStatsQuery,
} from "@/api/queries";
import type { Connection, GraphState } from "@/api/types";
import { text } from "@/text/home";
import { Card } from "@/ui/Card";
import { Loading } from "@/ui/States";
import { StatusDot } from "@/ui/StatusDot";
import { needsOf } from "./needs";

export function Needs({ state, connections }: { state: GraphState; connections: Connection[] }) {
  const asked = useQueries({
    queries: [
      taskStatsQuery,
      meshMetricsQuery,
      driftingQuery,
      reviewsWaitingQuery,
      openProposalsQuery,
      registeredAgentsQuery,
    ],
  });
  const [tasks, mesh, drifting, reviews, proposals, agents] = asked;
  const needs = needsOf(state, connections, {
    tasks: tasks.data,
    mesh: mesh.data,
    drifting: drifting.data?.items.length,
    reviews: reviews.data,
    proposals: proposals.data?.items.length,
    agents: agents.data?.items,
  });
  return (
    <Card title={text.needs} flush>
      {asked.some((one) => one.isPending) ? (
        <Loading label={text.needsLoading} rows={4} />
      ) : needs.length === 0 ? (
        <Nothing asked={asked} />
      ) : (
        <ul>
          {needs.map((need) => (
            <li key={need.key} data-need={need.key} className="border-t border-line">
              <Link
                to={need.to}
                search={need.search as never}
                className="flex min-h-13 items-center gap-3 px-5 font-semibold hover:bg-raised/60"
              >
                <StatusDot tone={need.tone}>{need.label}</StatusDot>
                <ChevronRight aria-hidden="true" className="ml-auto size-4 shrink-0 text-faint" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** Says that nothing waits only where everything was looked at. */
function Nothing({ asked }: { asked: UseQueryResult[] }) {
  const unknown = asked.some((one) => one.isError);
  return (
    <p className="flex items-center gap-3 px-5 pt-1 pb-6 text-soft">
      {!unknown && <CircleCheck aria-hidden="true" className="size-5 shrink-0 text-good" />}
      {unknown ? text.needsUnknown : text.needsNothing}
    </p>
  );
}
