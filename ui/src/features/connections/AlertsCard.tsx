// The alerts that stand, each with the way to its connection. They go by themselves when they are true no more.
import { CircleCheck, TriangleAlert } from "lucide-react";
import type { ConnectionAlert } from "@/api/types";
import { formatAgo, words } from "@/lib/format";
import { text } from "@/text/connections";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";

type Props = { alerts: ConnectionAlert[]; nameOf: (id: string) => string; onOpen: (id: string) => void };

export function AlertsCard({ alerts, nameOf, onOpen }: Props) {
  return (
    <Card title={text.alerts} flush>
      {alerts.length === 0 ? (
        <p className="flex items-center gap-3 px-5 pt-1 pb-6 text-soft">
          <CircleCheck aria-hidden="true" className="size-5 text-good" /> {text.alertsNone}
        </p>
      ) : (
        <ul>
          {alerts.map((alert) => (
            <li
              key={`${alert.connection_id}/${alert.stream}/${alert.kind}`}
              className="flex gap-3 border-t border-line px-5 py-3"
            >
              <TriangleAlert aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-warn" />
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                  <button
                    type="button"
                    onClick={() => onOpen(alert.connection_id)}
                    className="font-semibold text-accent underline-offset-4 hover:underline"
                  >
                    {nameOf(alert.connection_id)}
                  </button>
                  {alert.stream && <span className="font-mono text-[0.8125rem]">{alert.stream}</span>}
                  <Badge tone="warn">{words(alert.kind).toLowerCase()}</Badge>
                  <time dateTime={alert.raised_at} className="ml-auto text-sm text-faint">
                    {formatAgo(alert.raised_at, Date.now())}
                  </time>
                </p>
                <p className="text-sm break-words text-soft">{alert.message}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
