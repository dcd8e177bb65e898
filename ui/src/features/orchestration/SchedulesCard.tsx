// What the clock starts: each schedule with its pattern, its next time and what became of its last one; added, switched and removed here.
import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import type { Schedule } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/orchestration";
import { text as words } from "@/text/schedules";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ConfirmDialog } from "@/ui/Dialog";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { Switch } from "@/ui/Switch";
import { TableFrame, Td, Th } from "@/ui/Table";
import { toast } from "@/ui/toasts";
import { schedulesQuery } from "./queries";
import { ScheduleDialog } from "./ScheduleDialog";
import { useRemoveSchedule, useSwitchSchedule } from "./scheduleQueries";
import { kindWords } from "./states";

export function SchedulesCard({ onOpen }: { onOpen: (task: string) => void }) {
  const schedules = useQuery(schedulesQuery);
  const runs = useMay("tasks:run") === true;
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Schedule | null>(null);
  const addButton = runs && (
    <Button small onClick={() => setAdding(true)}>
      <Plus aria-hidden="true" className="size-4" /> {words.add}
    </Button>
  );
  return (
    <Card title={text.schedules} flush aside={(schedules.data?.items.length ?? 0) > 0 && addButton}>
      <Query query={schedules} loading={text.loadingTheSchedules}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={CalendarClock} title={text.nothingIsScheduled} action={addButton}>
              {words.none}
            </Empty>
          ) : (
            <TableFrame label={text.schedules}>
              <thead>
                <tr>
                  <Th>{text.name}</Th>
                  <Th>{text.kind}</Th>
                  <Th>{text.when}</Th>
                  <Th>{text.next}</Th>
                  <Th>{text.lastColumn}</Th>
                  {runs && <Th>{words.actions}</Th>}
                </tr>
              </thead>
              <tbody>
                {items.map((schedule) => (
                  <Row key={schedule.id} {...{ schedule, runs, onOpen }} onRemove={() => setRemoving(schedule)} />
                ))}
              </tbody>
            </TableFrame>
          )
        }
      </Query>
      {adding && <ScheduleDialog onClose={() => setAdding(false)} />}
      {removing && <Removal schedule={removing} onClose={() => setRemoving(null)} />}
    </Card>
  );
}

type RowProps = { schedule: Schedule; runs: boolean; onOpen: (task: string) => void; onRemove: () => void };

function Row({ schedule, runs, onOpen, onRemove }: RowProps) {
  const { name, task, cron, time_zone, enabled, next_at, last_at, last_task_id: lastTask, last_error } = schedule;
  const change = useSwitchSchedule();
  const turn = (on: boolean) =>
    change.mutate({ schedule, on }, { onSuccess: () => toast.done(words.switched(name, on)), onError: toast.failed });
  return (
    <tr>
      <Td className="max-w-64 font-semibold break-words">{name}</Td>
      <Td>{kindWords(task.kind)}</Td>
      <Td>
        <span className="font-mono text-[0.8125rem]">{cron}</span> <span className="text-faint">{time_zone}</span>
      </Td>
      <Td className="num whitespace-nowrap">
        {enabled && next_at ? formatMoment(next_at) : <Badge>{text.off}</Badge>}
      </Td>
      <Td className="num">
        {last_at && lastTask ? (
          <button
            type="button"
            className="whitespace-nowrap text-accent underline underline-offset-4"
            onClick={() => onOpen(lastTask)}
          >
            {formatMoment(last_at)}
          </button>
        ) : (
          <span className="text-faint">{text.never}</span>
        )}
        {last_error && <p className="max-w-80 break-words text-bad">{last_error}</p>}
      </Td>
      {runs && (
        <Td>
          <span className="flex items-center gap-3">
            <Switch
              label={words.on(name)}
              checked={change.isPending ? change.variables.on : enabled}
              disabled={change.isPending}
              onChange={turn}
            />
            <Button small tone="danger" aria-label={words.removeOne(name)} onClick={onRemove}>
              {words.remove}
            </Button>
          </span>
        </Td>
      )}
    </tr>
  );
}

function Removal({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const remove = useRemoveSchedule();
  return (
    <ConfirmDialog
      title={words.removeOne(schedule.name)}
      confirm={words.remove}
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(schedule, {
          onSuccess: () => toast.done(words.removed(schedule.name)),
          onError: toast.failed,
          onSettled: onClose,
        })
      }
    >
      {words.removeLead}
    </ConfirmDialog>
  );
}
