// One run of one source: its outcome and equation, and its streams on demand.
import { Link } from "@tanstack/react-router";
import type { Run } from "@/api/types";
import { formatCount, formatDuration, formatMoment, words } from "@/lib/format";
import { text } from "@/text/ledger";
import { Badge } from "@/ui/Badge";
import { TableFrame, Td, Th } from "@/ui/Table";
import { Balance } from "./Equation";
import { lookOf } from "./outcomes";

export function RunRow({ run }: { run: Run }) {
  const outcome = lookOf(run.outcome);
  const tookMs = run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : null;
  return (
    <li data-run={run.id} className="grid grid-cols-[minmax(0,1fr)] gap-2 border-t border-line px-5 py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 lg:grid lg:grid-cols-[8rem_15rem_minmax(0,1fr)_auto]">
        <span className="max-w-full min-w-28 font-bold break-words">{run.source}</span>
        <span title={outcome.meaning} className="flex flex-wrap gap-1.5">
          <Badge tone={run.balanced || !run.outcome ? outcome.tone : "bad"}>{outcome.label}</Badge>
          {run.outcome && <Balance balanced={run.balanced} />}
        </span>
        <p className="num text-sm text-soft">
          <b className="text-ink">{formatCount(run.read)}</b> {text.readIs}{" "}
          <b className="text-ink">{formatCount(run.landed)}</b> {text.landedAnd}{" "}
          <b className="text-ink">{formatCount(run.duplicate)}</b> {text.duplicateAnd}{" "}
          <b className="text-ink">{formatCount(run.filtered)}</b> {text.filteredAnd}{" "}
          {run.rejected > 0 ? (
            <Link
              to="/rejections"
              search={{ connection: run.connection_id }}
              className="font-semibold text-bad underline underline-offset-4"
            >
              {formatCount(run.rejected)} {text.rejected}
            </Link>
          ) : (
            <>
              <b className="text-ink">0</b> {text.rejected}
            </>
          )}
        </p>
        <span className="num text-sm text-faint lg:ml-auto">
          <time dateTime={run.started_at}>{formatMoment(run.started_at)}</time>
          {tookMs !== null && tookMs >= 0 && `, ${formatDuration(tookMs)}`}
        </span>
      </div>
      {run.error && <p className="text-sm break-words text-bad">{run.error}</p>}
      {run.streams.length > 0 && <Streams run={run} />}
    </li>
  );
}

function Streams({ run }: { run: Run }) {
  return (
    <details className="text-sm">
      <summary className="w-fit text-faint hover:text-ink">{text.tableCount(run.streams.length)}</summary>
      <TableFrame label={text.tablesOf(run.source)} className="mt-2 rounded-xl border border-line bg-bg/40">
        <thead>
          <tr>
            <Th>{text.table}</Th>
            {[text.readColumn, text.landedColumn, text.duplicateColumn, text.filteredColumn, text.rejectedColumn].map(
              (name) => (
                <Th key={name} className="text-right">
                  {name}
                </Th>
              ),
            )}
            <Th>{text.warnings}</Th>
          </tr>
        </thead>
        <tbody>
          {run.streams.map((stream) => (
            <tr key={stream.stream}>
              <Td className="font-mono text-[0.8125rem]">{stream.stream}</Td>
              {[stream.read, stream.landed, stream.duplicate, stream.filtered, stream.rejected].map((count, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: five fixed columns
                <Td key={index} className="text-right">
                  {formatCount(count)}
                </Td>
              ))}
              <Td className="text-soft">{describeWarnings(stream.warnings)}</Td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </details>
  );
}

function describeWarnings(warnings: Record<string, number>): string {
  const entries = Object.entries(warnings).filter(([, count]) => count > 0);
  if (entries.length === 0) return "none";
  return entries.map(([code, count]) => `${words(code).toLowerCase()}: ${formatCount(count)}`).join(", ");
}
