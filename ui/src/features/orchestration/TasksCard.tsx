// The list of tasks, newest first, with its filters and the way back for what failed.
import { useInfiniteQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ListChecks } from "lucide-react";
import { useAskWhileAway } from "@/api/socket";
import type { TaskState, TaskSummary } from "@/api/types";
import { formatDuration, formatMoment } from "@/lib/format";
import { text } from "@/text/orchestration";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { inputClass } from "@/ui/Field";
import { Progress } from "@/ui/Progress";
import { Empty, Failure, Loading } from "@/ui/States";
import { TableFrame, Td, Th } from "@/ui/Table";
import { LimitButton } from "./LimitButton";
import { type TaskFilters, tasksQuery, useRunAllAgain } from "./queries";
import { kindWords, lookOf, TASK_KINDS, TASK_STATES } from "./states";

/** What tasks do is told live; this is for when the line is away. */
const READ_AGAIN_MS = 5_000;

type Props = {
  filters: TaskFilters;
  /** How many may run at a time; undefined while that is not known. */
  limit?: number | null | undefined;
  onFilter: (filters: TaskFilters) => void;
  onOpen: (task: string) => void;
};

export function TasksCard({ filters, limit, onFilter, onOpen }: Props) {
  const pages = useInfiniteQuery({ ...tasksQuery(filters), refetchInterval: useAskWhileAway(READ_AGAIN_MS) });
  const runAllAgain = useRunAllAgain();
  const tasks = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(filters.state || filters.kind);
  return (
    <Card title={text.tasks} flush aside={limit !== undefined && <LimitButton limit={limit} />}>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 pb-4 text-sm sm:px-5">
        <Choice
          label={text.state}
          all={text.allStates}
          value={filters.state}
          options={TASK_STATES}
          wordsOf={(state) => lookOf(state as TaskState).label}
          onChange={(state) => onFilter({ ...filters, state })}
        />
        <Choice
          label={text.kind}
          all={text.allKinds}
          value={filters.kind}
          options={TASK_KINDS}
          wordsOf={kindWords}
          onChange={(kind) => onFilter({ ...filters, kind })}
        />
        {filters.state === "failed" && tasks.length > 0 && (
          <Button small disabled={runAllAgain.isPending} onClick={() => runAllAgain.mutate(filters.kind)}>
            {text.runAllFailedOnesAgain}
          </Button>
        )}
      </div>
      {runAllAgain.error && <Failure error={runAllAgain.error} />}
      {pages.isError && !pages.data ? (
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      ) : !pages.data ? (
        <Loading label={text.loadingTheTasks} rows={6} />
      ) : tasks.length === 0 ? (
        <Empty icon={ListChecks} title={filtered ? text.noTaskFits : text.noTaskYet}>
          {filtered ? text.chooseAnotherStateOrKindTo : text.connectingSourcesPostingMessagesAndEverything}
        </Empty>
      ) : (
        <TableFrame label={text.tasks}>
          <thead>
            <tr>
              <Th>{text.task}</Th>
              <Th>{text.state}</Th>
              <Th>{text.attempts}</Th>
              <Th>{text.enqueued}</Th>
              <Th>{text.took}</Th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <TaskRow key={task.id} task={task} onOpen={onOpen} />
            ))}
          </tbody>
        </TableFrame>
      )}
      {pages.hasNextPage && (
        <div className="border-t border-line p-4 text-center">
          <Button small disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {pages.isFetchingNextPage ? text.loading : text.showMore}
          </Button>
        </div>
      )}
    </Card>
  );
}

type ChoiceProps = {
  label: string;
  all: string;
  value: string | undefined;
  options: readonly string[];
  wordsOf: (option: string) => string;
  onChange: (value: string | undefined) => void;
};

function Choice({ label, all, value, options, wordsOf, onChange }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      className={clsx(inputClass, "min-h-10 min-w-0 max-sm:flex-1 sm:w-auto")}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{all}</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {wordsOf(option)}
        </option>
      ))}
    </select>
  );
}

function TaskRow({ task, onOpen }: { task: TaskSummary; onOpen: (task: string) => void }) {
  const look = lookOf(task.state);
  const tookMs =
    task.started_at && task.finished_at ? Date.parse(task.finished_at) - Date.parse(task.started_at) : null;
  return (
    <tr data-task={task.id}>
      <Td>
        <button
          type="button"
          title={task.kind}
          className="text-left font-semibold text-accent underline underline-offset-4"
          onClick={() => onOpen(task.id)}
        >
          {kindWords(task.kind)}
        </button>
        {task.error && (
          <p className="max-w-96 truncate text-bad" title={task.error}>
            {task.error}
          </p>
        )}
      </Td>
      <Td>
        <span title={look.meaning} className="grid max-w-48 gap-1.5">
          <span>
            <Badge tone={look.tone}>{task.cancel_requested ? text.beingCanceled : look.label}</Badge>
          </span>
          {task.state === "in_progress" && task.progress && (
            <Progress slim label={text.progressOf(kindWords(task.kind))} percent={task.progress.fraction * 100} />
          )}
        </span>
      </Td>
      <Td className="num">
        {task.attempts} {text.of} {task.max_retries + 1}
      </Td>
      <Td className="num whitespace-nowrap">
        <time dateTime={task.created_at}>{formatMoment(task.created_at)}</time>
      </Td>
      <Td className="num whitespace-nowrap">{tookMs === null ? waits(task) : formatDuration(tookMs)}</Td>
    </tr>
  );
}

/** Says what a task waits for that is to begin later. */
function waits(task: TaskSummary): string {
  if (task.state !== "queued" || !task.run_at || Date.parse(task.run_at) <= Date.now()) return "–";
  const left = task.max_retries + 1 - task.attempts;
  return task.attempts > 0 ? text.left(left) : text.fromMoment(formatMoment(task.run_at));
}
