// The runs of one connection: how many records each read, drawn, and the equation of each in words.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Run } from "@/api/types";
import { formatCount, formatMoment } from "@/lib/format";
import { text as all } from "@/text/connections";
import { outcomeWords } from "@/text/outcomes";
import { Badge } from "@/ui/Badge";
import { Pages } from "@/ui/Pages";
import { runsQuery } from "./queries";

const text = all.detail;
const BAR_HEIGHT_PX = 56;

export function RunsSection({ id }: { id: string }) {
  const runs = useInfiniteQuery(runsQuery(id));
  return (
    <section>
      <h3 className="mb-2 font-bold">{text.runs}</h3>
      <div className="rounded-xl border border-line">
        <Pages
          query={runs}
          loading={text.runsLoading}
          empty={<p className="p-4 text-sm text-faint">{text.runsNone}</p>}
        >
          {(items) => (
            <>
              <Throughput runs={items} />
              <ul>
                {items.map((run) => (
                  <RunLine key={run.id} run={run} />
                ))}
              </ul>
            </>
          )}
        </Pages>
      </div>
    </section>
  );
}

/** Bars from the oldest to the newest; the list below says the same in numbers. */
function Throughput({ runs }: { runs: Run[] }) {
  const most = Math.max(1, ...runs.map((run) => run.read));
  return (
    <div className="flex items-end gap-1 px-4 pt-4" role="img" aria-label={text.throughput}>
      {[...runs].reverse().map((run) => (
        <span
          key={run.id}
          title={`${formatMoment(run.started_at)}: ${formatCount(run.read)}`}
          className={`max-w-6 min-w-1 flex-1 rounded-t ${run.balanced ? "bg-source/70" : "bg-bad"}`}
          style={{ height: Math.max(2, (run.read / most) * BAR_HEIGHT_PX) }}
        />
      ))}
    </div>
  );
}

function RunLine({ run }: { run: Run }) {
  const bad = run.outcome === "failed" || run.outcome === "unreachable" || !run.balanced;
  return (
    <li className="grid gap-1 border-t border-line px-4 py-2.5 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <time dateTime={run.started_at} className="num text-faint">
          {formatMoment(run.started_at)}
        </time>
        <Badge tone={bad ? "bad" : run.outcome === "success" ? "good" : "neutral"}>
          {run.outcome ? outcomeWords(run.outcome) : all.statuses.running}
        </Badge>
        {run.outcome && (
          <span className={run.balanced ? "text-faint" : "font-semibold text-bad"}>
            {run.balanced ? all.balanced : all.notBalanced}
          </span>
        )}
      </p>
      <p className="num text-soft">
        {text.equation(
          formatCount(run.read),
          formatCount(run.landed),
          formatCount(run.duplicate),
          formatCount(run.filtered),
          formatCount(run.rejected),
        )}
      </p>
      {run.error && <p className="break-words text-bad">{run.error}</p>}
    </li>
  );
}
