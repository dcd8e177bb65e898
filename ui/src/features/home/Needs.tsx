// What needs a person, each with the way to it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, CircleCheck } from "lucide-react";
import { driftingQuery, meshMetricsQuery, taskStatsQuery } from "@/api/queries";
import type { Connection, GraphState } from "@/api/types";
import { text } from "@/text/home";
import { Card } from "@/ui/Card";
import { StatusDot } from "@/ui/StatusDot";
import { needsOf } from "./needs";

export function Needs({ state, connections }: { state: GraphState; connections: Connection[] }) {
  const tasks = useQuery(taskStatsQuery);
  const mesh = useQuery(meshMetricsQuery);
  const drifting = useQuery(driftingQuery);
  const needs = needsOf(state, connections, {
    tasks: tasks.data,
    mesh: mesh.data,
    drifting: drifting.data?.items.length,
  });
  return (
    <Card title={text.needs} flush>
      {needs.length === 0 ? (
        <p className="flex items-center gap-3 px-5 pt-1 pb-6 text-soft">
          <CircleCheck aria-hidden="true" className="size-5 text-good" /> {text.needsNothing}
        </p>
      ) : (
        <ul>
          {needs.map((need) => (
            <li key={need.key} className="border-t border-line">
              <Link
                to={need.to}
                search={need.search as never}
                className="flex min-h-13 items-center gap-3 px-5 font-semibold hover:bg-raised/60"
              >
                <StatusDot tone={need.tone}>{need.label}</StatusDot>
                <ChevronRight aria-hidden="true" className="ml-auto size-4 text-faint" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
