// "AOS Orchestration": what is being done for this tenant, what waits, what failed, and what the clock starts.
import { useQuery } from "@tanstack/react-query";
import { taskStatsQuery } from "@/api/queries";
import { useAskWhileAway } from "@/api/socket";
import type { QueueStats } from "@/api/types";
import { formatCount, formatDuration } from "@/lib/format";
import { text } from "@/text/orchestration";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { OrchestrationCard } from "./OrchestrationCard";
import { statusQuery } from "./queries";
import { SchedulesCard } from "./SchedulesCard";
import { TaskDrawer } from "./TaskDrawer";
import { TasksCard } from "./TasksCard";
import { useOrchestrationSearch } from "./useOrchestrationSearch";

const READ_AGAIN_MS = 5_000;
/** How many wait, and for how long, grows without anything being told. */
const WAITING_AGAIN_MS = 15_000;

export function OrchestrationPage() {
  const { search, change } = useOrchestrationSearch();
  const whileAway = useAskWhileAway(READ_AGAIN_MS);
  const status = useQuery({ ...statusQuery, refetchInterval: whileAway });
  const stats = useQuery({
    ...taskStatsQuery,
    refetchInterval: whileAway || WAITING_AGAIN_MS,
  });
  const oldest = stats.data?.oldest_waiting_seconds;
  return (
    <div className="grid gap-6">
      <PageHeader
        title={text.aosOrchestration}
        aside={
          stats.data && (
            <Figures
              items={[
                { label: text.running, value: runningOf(stats.data) },
                { label: text.waiting, value: formatCount(stats.data.waiting) },
                { label: text.forLater, value: formatCount(stats.data.delayed) },
                { label: text.failed, value: formatCount(stats.data.failed) },
                { label: text.oldestWaits, value: oldest == null ? "–" : formatDuration(oldest * 1000) },
              ]}
            />
          )
        }
      >
        {text.whatIsBeingDoneWhatWaits}
      </PageHeader>
      <Query query={status} loading={text.loadingTheOrchestration} framed>
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
  return max == null ? formatCount(running) : text.runningOf(formatCount(running), formatCount(max));
}
