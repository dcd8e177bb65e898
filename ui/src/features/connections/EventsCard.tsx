// The log of one connection, or of all of them with how their reads ended: what was written down when it happened.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/connections";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Empty, Failure, Loading } from "@/ui/States";
import { type Line, logOf } from "./log";
import { eventsQuery, loggedRunsQuery } from "./queries";

type Props = { connection: string | null; nameOf?: (id: string) => string };

export function EventsCard({ connection, nameOf }: Props) {
  const events = useInfiniteQuery(eventsQuery(connection));
  // The runs of one connection stand beside its log already.
  const runs = useQuery({ ...loggedRunsQuery, enabled: connection === null });
  const failed = events.error ?? runs.error;
  return (
    <Card title={text.log} flush>
      {failed ? (
        <Failure
          error={failed}
          retry={() => void Promise.all([events.refetch(), connection === null && runs.refetch()])}
        />
      ) : events.data && (runs.data || connection !== null) ? (
        <>
          <Lines
            lines={logOf(
              events.data.pages.flatMap(({ items }) => items),
              runs.data?.items ?? [],
              events.hasNextPage,
            )}
            nameOf={nameOf}
          />
          {events.hasNextPage && (
            <div className="border-t border-line p-4 text-center">
              <Button small disabled={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
                {text.logMore}
              </Button>
            </div>
          )}
        </>
      ) : (
        <Loading label={text.logLoading} rows={5} />
      )}
    </Card>
  );
}

function Lines({ lines, nameOf }: { lines: Line[]; nameOf: Props["nameOf"] }) {
  if (lines.length === 0) {
    return (
      <Empty icon={ScrollText} title={text.logNone}>
        {text.logNoneLead}
      </Empty>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable with the keyboard
    <section aria-label={text.log} tabIndex={0} className="max-h-[32rem] overflow-y-auto">
      <ol>
        {lines.map((line) => (
          <li key={line.id} className="grid gap-1 border-t border-line px-5 py-3 text-sm">
            <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <Badge tone={line.tone}>{line.label}</Badge>
              {nameOf && <span className="font-semibold break-all">{nameOf(line.connection)}</span>}
              {line.stream && <span className="font-mono text-[0.8125rem]">{line.stream}</span>}
              <time dateTime={line.at} className="num ml-auto text-faint">
                {formatMoment(line.at)}
              </time>
            </p>
            <p className="break-words text-soft">{line.message}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
