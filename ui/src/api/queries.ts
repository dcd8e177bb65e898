// Queries that more than one feature reads. A query used by one feature lives in that feature.
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "./client";
import type { Connection } from "./types";

const PAGE_LIMIT = 200;
const PAGES_MAX = 50;
const LATEST_RUNS = 7;

export const graphStateQuery = queryOptions({
  queryKey: ["dcl", "state"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/state", { signal })),
});

export const ontologyQuery = queryOptions({
  queryKey: ["dcl", "ontology"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/ontology_schema", { signal })),
});

export const sourceSchemasQuery = queryOptions({
  queryKey: ["dcl", "source-schemas"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/source_schemas", { signal })),
});

export const agentsQuery = queryOptions({
  queryKey: ["dcl", "agents"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/agents", { signal })),
});

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/health", { signal })),
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/auth/me", { signal })),
});

export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/auth/providers", { signal })),
});

/** What the person may do, by the policy that decides it. */
export const permissionsQuery = queryOptions({
  queryKey: ["me", "permissions"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/auth/explain", { signal })),
  staleTime: 60_000,
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: ({ signal }) => listAllConnections(signal),
});

/** The newest runs with the sums over all of them. */
export const latestRunsQuery = queryOptions({
  queryKey: ["ledger", "latest"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/ledger", { signal, params: { query: { limit: LATEST_RUNS } } })),
});

/** Sums over the tenant's connections; null in them is what was never measured. */
export const meshMetricsQuery = queryOptions({
  queryKey: ["connections", "metrics"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/aam/metrics", { signal })),
});

/** The tables of sources that are not as they were accepted. */
export const driftingQuery = queryOptions({
  queryKey: ["drift", "list"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/drift", { signal })),
});

export const flagsQuery = queryOptions({
  queryKey: ["settings", "flags"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/flags", { signal })),
});

export const personasQuery = queryOptions({
  queryKey: ["personas"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/nlp/personas", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Which persona the person says they are; null while they have not said. */
export const ownPersonaQuery = queryOptions({
  queryKey: ["me", "persona"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/nlp/persona", { signal })),
});

export const taskStatsQuery = queryOptions({
  queryKey: ["tasks", "stats"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/tasks/stats", { signal })),
});

async function listAllConnections(signal: AbortSignal): Promise<Connection[]> {
  const all: Connection[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await call(
      api.GET("/api/v1/connections", { signal, params: { query: { limit: PAGE_LIMIT, cursor } } }),
    );
    all.push(...answer.items);
    if (!answer.next_cursor) return all;
    cursor = answer.next_cursor;
  }
  return all;
}
