// The newest runs of sources, as the ledger has them.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { latestRunsQuery } from "@/api/queries";
import type { Outcome } from "@/api/types";
import { formatAgo, formatCount } from "@/lib/format";
import { text } from "@/text/home";
import { outcomeWords } from "@/text/outcomes";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { StatusDot, type StatusTone } from "@/ui/StatusDot";

const TONES: Record<Outcome, StatusTone> = {
  success: "good",
  no_change: "idle",
  partial: "warn",
  suspicious_empty: "warn",
  throttled: "warn",
  unreachable: "bad",
  failed: "bad",
};

export function LatestRuns() {
  const runs = useQuery(latestRunsQuery);
  return (
    <Card
      title={text.recent}
      flush
      aside={
        <Link to="/ledger" className="text-sm font-semibold text-accent underline-offset-4 hover:underline">
          {text.allRuns}
        </Link>
      }
    >
      <Query query={runs} loading={text.recentLoading}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="px-5 pb-6 text-soft">{text.recentNone}</p>
          ) : (
            <ul>
              {items.map((run) => (
                <li
                  key={run.id}
                  className="grid min-h-13 grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-4 border-t border-line px-5 text-sm sm:grid-cols-[minmax(0,1fr)_minmax(6rem,auto)_6rem_7rem]"
                >
                  <span title={run.source} className="truncate font-semibold">
                    {run.source}
                  </span>
                  <StatusDot tone={run.outcome ? TONES[run.outcome] : "idle"}>
                    {run.outcome ? outcomeWords(run.outcome) : "–"}
                  </StatusDot>
                  <span className="num text-right whitespace-nowrap text-soft max-sm:hidden">
                    {text.landed(formatCount(run.landed))}
                  </span>
                  <time dateTime={run.started_at} className="num text-right whitespace-nowrap text-faint">
                    {formatAgo(run.started_at, Date.now())}
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
