// One source in the run panel: its tables when idle, its measured progress when running.
import { Check, TriangleAlert } from "lucide-react";
import type { Connection } from "@/api/types";
import { formatCompact } from "@/lib/format";
import { text } from "@/text/connect";
import { Progress } from "@/ui/Progress";
import type { SourceRun } from "./runProgress";

export function SourceRow({ connection, progress }: { connection: Connection; progress: SourceRun | undefined }) {
  return (
    <span className="grid grid-cols-1 gap-1">
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate font-semibold">{connection.name}</span>
        <span className="num flex shrink-0 items-center gap-1 text-sm text-faint">
          {progress ? <RunNote progress={progress} /> : text.tableCount(connection.streams.length)}
        </span>
      </span>
      {progress && progress.status !== "done" && (
        <Progress
          slim
          label={text.progressOf(connection.name)}
          percent={progress.percent}
          tone={progress.status === "failed" ? "bad" : "accent"}
        />
      )}
      {progress?.error && <span className="text-sm break-words text-bad">{progress.error}</span>}
    </span>
  );
}

function RunNote({ progress }: { progress: SourceRun }) {
  if (progress.status === "done") {
    return (
      <>
        {formatCompact(progress.recordsRead)} {text.read}
        <Check aria-label={text.stages.done} className="size-4 text-good" />
      </>
    );
  }
  if (progress.status === "failed") {
    return (
      <>
        <TriangleAlert aria-hidden="true" className="size-4 text-bad" /> {text.failedNow}
      </>
    );
  }
  const tables = progress.tables > 0 ? ` ${progress.tablesDone}/${progress.tables}` : "";
  return <>{`${text.stages[progress.status]}${tables}`}</>;
}
