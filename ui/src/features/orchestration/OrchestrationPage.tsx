// "AOS Orchestration": what is being done for this tenant, what waits, what failed, and what the clock starts.
import { useQuery } from "@tanstack/react-query";
import { orchestrationQuery, taskStatsQuery } from "@/api/queries";
import { useAskWhileAway } from "@/api/socket";
import type { QueueStats } from "@/api/types";
import { formatCount, formatDuration } from "@/lib/format";
import { text } from "@/text/orchestration";
import { Below } from "@/ui/Below";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { FunctionsCard } from "./FunctionsCard";
import { OrchestrationCard } from "./OrchestrationCard";
import { SchedulesCard } from "./SchedulesCard";
import { TaskDrawer } from "./TaskDrawer";
import { TasksCard } from "./TasksCard";
import { useOrchestrationSearch } from "./useOrchestrationSearch";
import { useWaitedMs } from "./useWaitedMs";

const READ_AGAIN_MS = 5_000;

export function OrchestrationPage() {
  const { search, change } = useOrchestrationSearch();
  const whileAway = useAskWhileAway(READ_AGAIN_MS);
  const status = useQuery({ ...orchestrationQuery, refetchInterval: whileAway });
  const stats = useQuery({ ...taskStatsQuery, refetchInterval: whileAway });
  const waitedMs = useWaitedMs(stats.data?.oldest_waiting_seconds ?? null, stats.dataUpdatedAt);
  return (
    <div className="grid gap-6">
      <PageHeader
        title={text.aosOrchestration}
        aside={
          <Figures
            items={[
              { label: text.running, value: stats.data && runningOf(stats.data) },
              { label: text.waiting, value: stats.data && formatCount(stats.data.waiting) },
              { label: text.forLater, value: stats.data && formatCount(stats.data.delayed) },
              { label: text.failed, value: stats.data && formatCount(stats.data.failed) },
              { label: text.oldestWaits, value: stats.data && (waitedMs === null ? "–" : formatDuration(waitedMs)) },
            ]}
          />
        }
      >
        {text.whatIsBeingDoneWhatWaits}
      </PageHeader>
      <Query query={status} loading={text.loadingTheOrchestration} framed>
        {(answer) => <OrchestrationCard status={answer} onOpen={(task) => change({ task })} />}
      </Query>
      <Below>
        <FunctionsCard />
        <TasksCard
          filters={{ state: search.state, kind: search.kind }}
          limit={stats.data?.max_running}
          onFilter={(filters) => change({ ...filters })}
          onOpen={(task) => change({ task })}
        />
        <Below>
          <SchedulesCard onOpen={(task) => change({ task })} />
        </Below>
      </Below>
      {search.task && (
        <TaskDrawer id={search.task} onOpen={(task) => change({ task })} onClose={() => change({ task: undefined })} />
      )}
    </div>
  );
}

function runningOf({ running, max_running: max }: QueueStats): string {
  return max == null ? formatCount(running) : text.runningOf(formatCount(running), formatCount(max));
}
