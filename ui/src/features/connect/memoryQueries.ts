// What the mapping memory is asked on this page.
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";

const LOOK_EVERY_MS = 2_000;

/** Choices that a run waits for. The live line tells of a new one; this is for when it is down. */
export const pendingChecksQuery = queryOptions({
  queryKey: ["memory", "checks", "pending"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/memory/checks", { signal, params: { query: { pending: true } } })),
  refetchInterval: LOOK_EVERY_MS,
});

export const mappingAccuracyQuery = queryOptions({
  queryKey: ["memory", "accuracy"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/memory/accuracy", { signal })),
});
