// "AOS Architecture": the parts of the system that answers, drawn in the order in which an event passes them, each with its live state.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { connectionsQuery, graphStateQuery, meshMetricsQuery, taskStatsQuery } from "@/api/queries";
import { useLiveStatus } from "@/api/socket";
import { text } from "@/text/architecture";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Failure, Loading } from "@/ui/States";
import { Diagram } from "./Diagram";
import { PartDetails } from "./PartDetails";
import type { Known, PartName } from "./parts";

const READ_AGAIN_MS = 5_000;

const readyQuery = {
  queryKey: ["health", "ready"],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const askedMs = performance.now();
    const ready = await call(api.GET("/api/v1/health/ready", { signal }));
    return { ready, answeredMs: performance.now() - askedMs };
  },
  // Health is asked for because nothing tells of it.
  refetchInterval: READ_AGAIN_MS,
};

const versionQuery = {
  queryKey: ["health", "version"],
  queryFn: ({ signal }: { signal: AbortSignal }) => call(api.GET("/api/v1/version", { signal })),
};

export function ArchitecturePage() {
  const health = useQuery(readyQuery);
  const version = useQuery(versionQuery);
  const state = useQuery(graphStateQuery);
  const connections = useQuery(connectionsQuery);
  const tasks = useQuery(taskStatsQuery);
  const mesh = useQuery(meshMetricsQuery);
  const live = useLiveStatus();
  const [chosen, setChosen] = useState<PartName>("mesh");
  const known: Known = {
    ready: health.isError ? undefined : health.data?.ready,
    answeredMs: health.data?.answeredMs ?? null,
    state: state.data,
    connections: connections.data,
    tasks: tasks.data,
    mesh: mesh.data,
    live,
  };

  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader
        title={text.title}
        aside={
          <Figures
            items={[
              { label: text.version, value: version.data?.version },
              { label: text.schema, value: version.data?.schema },
              { label: text.ontology, value: version.data?.ontology },
              { label: text.commit, value: version.data?.commit.slice(0, 7) },
            ]}
          />
        }
      >
        {text.lead}
      </PageHeader>
      {health.isError && <Failure error={health.error} retry={() => void health.refetch()} />}
      {health.isPending ? (
        <Card>
          <Loading label={text.loading} rows={6} />
        </Card>
      ) : (
        <Below>
          <Card>
            <Diagram known={known} chosen={chosen} onChoose={setChosen} />
            <div aria-live="polite" className="mt-5 min-h-40 border-t border-line pt-5">
              <PartDetails part={chosen} known={known} />
            </div>
          </Card>
        </Below>
      )}
    </div>
  );
}
