// Queries that more than one feature reads. A query used by one feature lives in that feature.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, call } from "./client";
import type { Connection } from "./types";

const PAGE_LIMIT = 200;
const PAGES_MAX = 50;
const LATEST_RUNS = 7;
/** As many as the server lists at once. */
const LIST_MAX = 1_000;

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

/** The job that runs or ran last, and whether any language model may be asked. */
export const orchestrationQuery = queryOptions({
  queryKey: ["aoa"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/aoa/status", { signal })),
});

/** How many items of the review queue wait for a person, by their kind. */
export const reviewsWaitingQuery = queryOptions({
  queryKey: ["reviews", "waiting"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/reviews/waiting", { signal })),
});

/** Every agent with how far it may go and what its pilots have found. */
export const registeredAgentsQuery = queryOptions({
  queryKey: ["agents", "list"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/agents", { signal })),
});

/** What agents ask leave for and nobody has decided. */
export const openProposalsQuery = queryOptions({
  queryKey: ["agents", "proposals", "open"],
  queryFn: ({ signal }) =>
    call(api.GET("/api/v1/agents/proposals", { signal, params: { query: { state: "open", limit: LIST_MAX } } })),
});

/** Which source columns feed which fields; what was found before stays in sight while the next letters are looked up. */
export const lineageQuery = (search: string, limit: number) =>
  queryOptions({
    queryKey: ["dcl", "lineage", "search", search, limit],
    queryFn: ({ signal }) => call(api.GET("/api/v1/dcl/lineage", { signal, params: { query: { search, limit } } })),
    placeholderData: keepPreviousData,
  });

/** One unified record: each value with where it is from. */
export const recordQuery = (entity: string, source: string, recordId: string) =>
  queryOptions({
    queryKey: ["records", entity, "one", source, recordId],
    queryFn: ({ signal }) =>
      call(
        api.GET("/api/v1/dcl/views/{entity}/{source}/{record_id}", {
          signal,
          params: { path: { entity, source, record_id: recordId } },
        }),
      ),
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
