// What the mapping memory is asked on this page.
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";

/** Choices that a run waits for. The live line tells of a new one. */
export const pendingChecksQuery = queryOptions({
  queryKey: ["memory", "checks", "pending"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/memory/checks", { signal, params: { query: { pending: true } } })),
});

export const mappingAccuracyQuery = queryOptions({
  queryKey: ["memory", "accuracy"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/memory/accuracy", { signal })),
});
