// What the clock starts: each schedule with its pattern, its next time and what became of its last one.
import { useQuery } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/orchestration";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { TableFrame, Td, Th } from "@/ui/Table";
import { schedulesQuery } from "./queries";

export function SchedulesCard({ onOpen }: { onOpen: (task: string) => void }) {
  const schedules = useQuery(schedulesQuery);
  return (
    <Card title={text.schedules} flush>
      <Query query={schedules} loading={text.loadingTheSchedules}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={CalendarClock} title={text.nothingIsScheduled}>
              {text.aScheduleEnqueuesATaskBy}
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
                      {schedule.enabled && schedule.next_at ? (
                        formatMoment(schedule.next_at)
                      ) : (
                        <Badge>{text.off}</Badge>
                      )}
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
                        <span className="text-faint">{text.never}</span>
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
