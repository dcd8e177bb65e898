// "AOS Orchestration": what is being done for this tenant, what waits, what failed, and what the clock starts.
import { useQuery } from "@tanstack/react-query";
import type { QueueStats } from "@/api/types";
import { formatCount, formatDuration } from "@/lib/format";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { OrchestrationCard } from "./OrchestrationCard";
import { statsQuery, statusQuery } from "./queries";
import { SchedulesCard } from "./SchedulesCard";
import { TaskDrawer } from "./TaskDrawer";
import { TasksCard } from "./TasksCard";
import { useOrchestrationSearch } from "./useOrchestrationSearch";

const READ_AGAIN_MS = 5_000;

export function OrchestrationPage() {
  const { search, change } = useOrchestrationSearch();
  const status = useQuery({ ...statusQuery, refetchInterval: READ_AGAIN_MS });
  const stats = useQuery({ ...statsQuery, refetchInterval: READ_AGAIN_MS });
  const oldest = stats.data?.oldest_waiting_seconds;
  return (
    <div className="grid gap-6">
      <PageHeader
        title="AOS Orchestration"
        aside={
          stats.data && (
            <Figures
              items={[
                { label: "running", value: runningOf(stats.data) },
                { label: "waiting", value: formatCount(stats.data.waiting) },
                { label: "for later", value: formatCount(stats.data.delayed) },
                { label: "failed", value: formatCount(stats.data.failed) },
                { label: "oldest waits", value: oldest == null ? "–" : formatDuration(oldest * 1000) },
              ]}
            />
          )
        }
      >
        What is being done, what waits, what failed, and what the clock starts.
      </PageHeader>
      <Query query={status} loading="Loading the orchestration" framed>
        {(answer) => <OrchestrationCard status={answer} onOpen={(task) => change({ task })} />}
      </Query>
      <TasksCard
        filters={{ state: search.state, kind: search.kind }}
        onFilter={(filters) => change({ ...filters })}
        onOpen={(task) => change({ task })}
      />
      <SchedulesCard onOpen={(task) => change({ task })} />
      {search.task && (
        <TaskDrawer id={search.task} onOpen={(task) => change({ task })} onClose={() => change({ task: undefined })} />
      )}
    </div>
  );
}

function runningOf({ running, max_running: max }: QueueStats): string {
  return max == null ? formatCount(running) : `${formatCount(running)} of ${formatCount(max)}`;
}
