// Starts a run and follows it: live messages when the line is up, the run's report when it is not.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, call } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { useAskWhileAway } from "@/api/socket";
import { runStore, useRunProgress } from "./runStore";

const CHECK_WHILE_AWAY_MS = 1_000;
const CLOCK_TICK_MS = 100;

export function useRun() {
  const queryClient = useQueryClient();
  const run = useRunProgress();
  const whileAway = useAskWhileAway(CHECK_WHILE_AWAY_MS);
  const runId = run?.runId ?? runStore.lastRunId();
  const running = run?.status === "running";

  const report = useQuery({
    queryKey: ["connect-run", runId],
    enabled: runId !== null,
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/dcl/connect/{run_id}", { signal, params: { path: { run_id: runId ?? "" } } })),
    refetchInterval: running && whileAway,
    retry: false,
  });

  useEffect(() => {
    if (!report.data) return;
    runStore.adopt(report.data, Date.now());
    if (report.data.status !== "running") void queryClient.invalidateQueries({ queryKey: ["dcl"] });
  }, [report.data, queryClient]);

  useEffect(() => {
    if (runId && report.error instanceof ApiProblem && report.error.status === 404) runStore.lose(runId);
  }, [report.error, runId]);

  const start = useMutation({
    mutationFn: (choice: { sources: string[]; agents: string[] }) =>
      call(api.POST("/api/v1/dcl/connect", { body: choice })),
    onSuccess: (accepted, choice) => runStore.begin(accepted.run_id, choice.sources, Date.now()),
  });

  return { run, running, start };
}

/** Reads the time since the run began, ticking while it runs; once ended, the server's own measure. */
export function useElapsedMs(run: { startedAtMs: number; elapsedMs: number | null } | null): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  const ticking = run !== null && run.elapsedMs === null;
  useEffect(() => {
    if (!ticking) return;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), CLOCK_TICK_MS);
    return () => clearInterval(timer);
  }, [ticking]);
  if (!run) return 0;
  return run.elapsedMs ?? Math.max(0, nowMs - run.startedAtMs);
}
