// What the clock starts: each schedule with its pattern, its next time and what became of its last one.
import { useQuery } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { formatMoment } from "@/lib/format";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { TableFrame, Td, Th } from "@/ui/Table";
import { schedulesQuery } from "./queries";

export function SchedulesCard({ onOpen }: { onOpen: (task: string) => void }) {
  const schedules = useQuery(schedulesQuery);
  return (
    <Card title="Schedules" flush>
      <Query query={schedules} loading="Loading the schedules">
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={CalendarClock} title="Nothing is scheduled">
              A schedule enqueues a task by the clock. Add one with POST /api/v1/tasks/schedules.
            </Empty>
          ) : (
            <TableFrame label="Schedules">
              <thead>
                <tr>
                  <Th>Name</Th>
                  <Th>Kind</Th>
                  <Th>When</Th>
                  <Th>Next</Th>
                  <Th>Last</Th>
                </tr>
              </thead>
              <tbody>
                {items.map((schedule) => (
                  <tr key={schedule.id}>
                    <Td className="font-semibold">{schedule.name}</Td>
                    <Td>{schedule.task.kind}</Td>
                    <Td>
                      <span className="font-mono text-[0.8125rem]">{schedule.cron}</span>{" "}
                      <span className="text-faint">{schedule.time_zone}</span>
                    </Td>
                    <Td className="num whitespace-nowrap">
                      {schedule.enabled && schedule.next_at ? formatMoment(schedule.next_at) : <Badge>off</Badge>}
                    </Td>
                    <Td className="num">
                      {schedule.last_at && schedule.last_task_id ? (
                        <button
                          type="button"
                          className="whitespace-nowrap text-accent underline underline-offset-4"
                          onClick={() => onOpen(schedule.last_task_id ?? "")}
                        >
                          {formatMoment(schedule.last_at)}
                        </button>
                      ) : (
                        <span className="text-faint">never</span>
                      )}
                      {schedule.last_error && <p className="max-w-80 break-words text-bad">{schedule.last_error}</p>}
                    </Td>
                  </tr>
                ))}
              </tbody>
            </TableFrame>
          )
        }
      </Query>
    </Card>
  );
}
