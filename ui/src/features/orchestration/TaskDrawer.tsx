// One task: how it stands, what it was asked, what it brought, what it logged, and how to stop it or run it again.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAskWhileAway } from "@/api/socket";
import type { Task } from "@/api/types";
import { formatClock, formatMoment } from "@/lib/format";
import { text } from "@/text/orchestration";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Drawer } from "@/ui/Drawer";
import { Progress } from "@/ui/Progress";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { logsQuery, taskQuery, useCancel, useRunAgain } from "./queries";
import { canRunAgain, hasEnded, kindWords, lookOf } from "./states";

/** That a task goes on and has logged something is told live; this is for when the line is away. */
const READ_AGAIN_MS = 2_000;

type Props = { id: string; onOpen: (task: string) => void; onClose: () => void };

export function TaskDrawer({ id, onOpen, onClose }: Props) {
  const whileAway = useAskWhileAway(READ_AGAIN_MS);
  const task = useQuery({
    ...taskQuery(id),
    refetchInterval: (query) => (query.state.data && hasEnded(query.state.data.state) ? false : whileAway),
  });
  const look = task.data && lookOf(task.data.state);
  return (
    <Drawer
      title={task.data ? kindWords(task.data.kind) : text.task}
      onClose={onClose}
      summary={
        <>
          {look && <Badge tone={look.tone}>{task.data?.cancel_requested ? text.beingCanceled : look.label}</Badge>}
          <span className="font-mono text-xs break-all text-faint">{id}</span>
        </>
      }
    >
      <Query query={task} loading={text.loadingTheTask}>
        {(found) => <Details task={found} onOpen={onOpen} />}
      </Query>
    </Drawer>
  );
}

function Details({ task, onOpen }: { task: Task; onOpen: (task: string) => void }) {
  return (
    <div className="grid grid-cols-1 gap-5 px-5 pt-4 sm:px-6">
      <Actions task={task} />
      {task.progress && (
        <div className="grid gap-2">
          <Progress label={text.progressOfTheTask} percent={task.progress.fraction * 100} />
          <p className="text-sm break-words text-soft">{task.progress.message}</p>
        </div>
      )}
      {task.error && <p className="rounded-xl border border-bad/40 bg-bad/10 p-3 break-words">{task.error}</p>}
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
        <Fact name={text.attempts}>
          {task.attempts} {text.of} {task.max_retries + 1}
        </Fact>
        <Fact name={text.priority}>{task.priority}</Fact>
        <Fact name={text.enqueued}>{formatMoment(task.created_at)}</Fact>
        {task.run_at && <Fact name={text.mayBegin}>{formatMoment(task.run_at)}</Fact>}
        {task.started_at && <Fact name={text.begun}>{formatMoment(task.started_at)}</Fact>}
        {task.finished_at && <Fact name={text.ended}>{formatMoment(task.finished_at)}</Fact>}
        {task.timeout_seconds != null && (
          <Fact name={text.timeLimit}>
            {task.timeout_seconds} {text.sPerAttempt}
          </Fact>
        )}
        {task.callback_url && <Fact name={text.callback}>{task.callback_url}</Fact>}
        {task.child_of && (
          <Fact name={text.follows}>
            <TaskLink id={task.child_of} onOpen={onOpen} />
          </Fact>
        )}
        {task.next_task_id && (
          <Fact name={text.followedBy}>
            <TaskLink id={task.next_task_id} onOpen={onOpen} />
          </Fact>
        )}
      </dl>
      <Json title={text.askedFor} value={task.payload} />
      {task.result != null && <Json title={text.result} value={task.result} />}
      <Logs task={task} />
    </div>
  );
}

function Actions({ task }: { task: Task }) {
  const cancel = useCancel();
  const again = useRunAgain();
  const refused = cancel.error ?? again.error;
  if (hasEnded(task.state) && !canRunAgain(task.state)) return null;
  return (
    <div>
      {canRunAgain(task.state) ? (
        <Button small tone="primary" disabled={again.isPending} onClick={() => again.mutate(task.id)}>
          {text.runItAgain}
        </Button>
      ) : (
        <Button
          small
          tone="danger"
          disabled={task.cancel_requested || cancel.isPending}
          onClick={() => cancel.mutate(task.id)}
        >
          {text.cancel}
        </Button>
      )}
      {refused && <Failure error={refused} />}
    </div>
  );
}

function TaskLink({ id, onOpen }: { id: string; onOpen: (task: string) => void }) {
  return (
    <button
      type="button"
      className="font-mono text-xs break-all text-accent underline underline-offset-4"
      onClick={() => onOpen(id)}
    >
      {id}
    </button>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-faint">{name}</dt>
      <dd className="num break-words max-sm:mb-1">{children}</dd>
    </div>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <section>
      <h3 className="mb-1.5 font-bold">{title}</h3>
      <pre className="max-h-80 overflow-auto rounded-xl bg-bg px-3 py-2 font-mono text-[0.8125rem] break-words whitespace-pre-wrap text-soft">
        {JSON.stringify(value, null, 2)}
      </pre>
    </section>
  );
}

function Logs({ task }: { task: Task }) {
  const whileAway = useAskWhileAway(READ_AGAIN_MS);
  const logs = useQuery({ ...logsQuery(task.id), refetchInterval: hasEnded(task.state) ? false : whileAway });
  return (
    <section>
      <h3 className="mb-1.5 font-bold">{text.log}</h3>
      <Query query={logs} loading={text.loadingTheLog}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="text-sm text-faint">{text.itHasLoggedNothing}</p>
          ) : (
            <ol className="grid gap-1 text-sm">
              {items.map((line) => (
                <li key={line.seq} className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
                  <time dateTime={line.at} className="num text-faint">
                    {formatClock(line.at)}
                  </time>
                  <span className={line.level === "error" ? "break-words text-bad" : "break-words text-soft"}>
                    {line.message}
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Query>
    </section>
  );
}
