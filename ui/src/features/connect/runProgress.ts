// What is known of a run, built from live messages and run reports alone. Pure: no clock, no network, no drawing.
import type { ConnectRun, LiveMessage, MappingProgress, SourceProgress } from "@/api/types";
import { text } from "@/text/connect";

export type SourceRun = {
  source: string;
  status: SourceProgress["status"];
  tables: number;
  tablesDone: number;
  recordsRead: number;
  percent: number;
  message: string;
  error?: string;
};

export type LogLine = { key: string; at: string; level: string; message: string };

export type RunProgress = {
  runId: string;
  status: ConnectRun["status"];
  startedAtMs: number;
  elapsedMs: number | null;
  sources: SourceRun[];
  log: LogLine[];
  error?: string;
};

const LOG_LINES_MAX = 500;

export function beginRun(runId: string, sources: string[], nowMs: number): RunProgress {
  return { runId, status: "running", startedAtMs: nowMs, elapsedMs: null, sources: sources.map(waiting), log: [] };
}

function waiting(source: string): SourceRun {
  return { source, status: "waiting", tables: 0, tablesDone: 0, recordsRead: 0, percent: 0, message: "" };
}

/** Adds one live message; a message of another run means that a newer run has begun. */
export function applyMessage(run: RunProgress | null, message: LiveMessage, nowMs: number): RunProgress | null {
  if (!isOfConnect(message)) return run;
  const current = run?.runId === message.data.run_id ? run : beginRun(message.data.run_id, [], nowMs);
  switch (message.type) {
    case "mapping_progress":
      return { ...current, sources: upsertSource(current.sources, fromProgress(message.data)) };
    case "narration":
      return { ...current, log: appendLine(current.log, { key: message.id, ...message.data }) };
    case "sources_connected":
      return { ...current, status: "finished", elapsedMs: message.data.elapsed_ms };
  }
}

type OfConnect = Extract<LiveMessage, { type: "mapping_progress" | "narration" | "sources_connected" }>;

function isOfConnect(message: LiveMessage): message is OfConnect {
  return ["mapping_progress", "narration", "sources_connected"].includes(message.type);
}

/** Adopts the server's report of a run, which is right even when messages were missed. */
export function applyReport(run: RunProgress | null, report: ConnectRun, nowMs: number): RunProgress {
  const current = run?.runId === report.run_id ? run : beginRun(report.run_id, [], startOf(report, nowMs));
  const ended = report.status !== "running";
  return {
    ...current,
    status: ended ? report.status : current.status,
    elapsedMs: ended ? (report.elapsed_ms ?? 0) : current.elapsedMs,
    sources: report.sources.reduce((sources, source) => upsertSource(sources, fromReport(source)), current.sources),
    error: report.error ?? undefined,
  };
}

/** Tells when a run began on this machine's clock, as far as the server's clock can be trusted. */
function startOf(report: ConnectRun, nowMs: number): number {
  if (report.elapsed_ms != null) return nowMs - report.elapsed_ms;
  const startedMs = Date.parse(report.started_at);
  return Number.isNaN(startedMs) ? nowMs : Math.min(nowMs, startedMs);
}

/** Ends a run whose server has forgotten it, which happens when the server was started anew. */
export function loseRun(run: RunProgress): RunProgress {
  if (run.status !== "running") return run;
  return { ...run, status: "failed", elapsedMs: 0, error: text.theServerWasRestartedDuringThis };
}

export function overallPercent(run: RunProgress): number {
  if (run.status === "finished") return 100;
  if (run.sources.length === 0) return 0;
  return run.sources.reduce((sum, source) => sum + source.percent, 0) / run.sources.length;
}

export function totals(run: RunProgress) {
  const ended = (source: SourceRun) => source.status === "done" || source.status === "failed";
  return {
    sources: run.sources.length,
    sourcesEnded: run.sources.filter(ended).length,
    sourcesFailed: run.sources.filter((source) => source.status === "failed").length,
    records: run.sources.reduce((sum, source) => sum + source.recordsRead, 0),
  };
}

function fromProgress(progress: MappingProgress): SourceRun {
  return {
    source: progress.source,
    status: progress.stage,
    tables: progress.tables,
    tablesDone: progress.tables_done,
    recordsRead: progress.records_read,
    percent: progress.stage === "done" || progress.stage === "failed" ? 100 : progress.percent,
    message: progress.message,
    error: progress.stage === "failed" ? progress.message : undefined,
  };
}

function fromReport(report: SourceProgress): SourceRun {
  const ended = report.status === "done" || report.status === "failed";
  return {
    source: report.source,
    status: report.status,
    tables: report.tables,
    tablesDone: report.tables_done,
    recordsRead: report.records_read,
    percent: ended ? 100 : report.percent,
    message: "",
    error: report.error ?? undefined,
  };
}

/** Replaces a source's line; a late message never takes an ended source back to work. */
function upsertSource(sources: SourceRun[], next: SourceRun): SourceRun[] {
  const known = sources.find((source) => source.source === next.source);
  if (!known) return [...sources, next];
  if ((known.status === "done" || known.status === "failed") && next.status !== "done" && next.status !== "failed") {
    return sources;
  }
  const merged = {
    ...next,
    percent: Math.max(known.percent, next.percent),
    recordsRead: Math.max(known.recordsRead, next.recordsRead),
  };
  return sources.map((source) => (source.source === next.source ? merged : source));
}

function appendLine(log: LogLine[], line: LogLine): LogLine[] {
  if (log.some((known) => known.key === line.key)) return log;
  return [...log, { key: line.key, at: line.at, level: line.level, message: line.message }].slice(-LOG_LINES_MAX);
}
