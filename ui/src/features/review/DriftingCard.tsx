// The tables that are not as they were accepted, and whether they are read on meanwhile.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { driftingQuery } from "@/api/queries";
import { formatAgo } from "@/lib/format";
import { text } from "@/text/review";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { StatusDot } from "@/ui/StatusDot";

export function DriftingCard() {
  const drifting = useQuery(driftingQuery);
  return (
    <Card title={text.drifting} flush>
      <Query query={drifting} loading={text.loading}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="px-5 pb-5 text-soft">{text.noneDrifting}</p>
          ) : (
            <ul>
              {items.map((one) => (
                <li
                  key={`${one.connection_id}/${one.stream}`}
                  className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-5 py-3 text-sm"
                >
                  <Link
                    to="/connections"
                    search={{ connection: one.connection_id }}
                    className="font-mono text-[0.8125rem] underline-offset-4 hover:underline"
                  >
                    <span className="text-source">{one.source}</span> {one.stream}
                  </Link>
                  <span className="text-faint">{text.changes(one.changes)}</span>
                  <StatusDot tone={one.goes_on ? "good" : "warn"}>{one.goes_on ? text.goesOn : text.waits}</StatusDot>
                  <time dateTime={one.since} className="ml-auto text-faint">
                    {formatAgo(one.since, Date.now())}
                  </time>
                </li>
              ))}
            </ul>
          )
        }
      </Query>
    </Card>
  );
}
