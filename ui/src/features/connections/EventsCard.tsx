// The log of one connection, or of all of them: what was written down when it happened.
import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { formatMoment, words } from "@/lib/format";
import { text } from "@/text/connections";
import { Badge, type BadgeTone } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { eventsQuery } from "./queries";

function toneOf(kind: string): BadgeTone {
  if (kind.endsWith("_raised") || kind.includes("open") || kind.includes("fail")) return "warn";
  return kind.endsWith("_cleared") || kind.includes("resume") ? "good" : "neutral";
}

type Props = { connection: string | null; nameOf?: (id: string) => string };

export function EventsCard({ connection, nameOf }: Props) {
  const events = useInfiniteQuery(eventsQuery(connection));
  return (
    <Card title={text.log} flush>
      <Pages
        query={events}
        loading={text.logLoading}
        empty={
          <Empty icon={ScrollText} title={text.logNone}>
            {text.logNoneLead}
          </Empty>
        }
      >
        {(items) => (
          <ol className="max-h-[32rem] overflow-y-auto">
            {items.map((event) => (
              <li key={event.id} className="grid gap-1 border-t border-line px-5 py-3 text-sm">
                <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                  <Badge tone={toneOf(event.kind)}>{words(event.kind).toLowerCase()}</Badge>
                  {nameOf && <span className="font-semibold">{nameOf(event.connection_id)}</span>}
                  {event.stream && <span className="font-mono text-[0.8125rem]">{event.stream}</span>}
                  <time dateTime={event.at} className="num ml-auto text-faint">
                    {formatMoment(event.at)}
                  </time>
                </p>
                <p className="break-words text-soft">{event.message}</p>
              </li>
            ))}
          </ol>
        )}
      </Pages>
    </Card>
  );
}
