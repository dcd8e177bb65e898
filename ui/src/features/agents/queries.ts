// What the page about agents reads and decides.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { AgentSettings, Role } from "@/api/types";

const PAGE_LIMIT = 50;
/** A group that is opened shows so many more at a time, so that the page stays short. */
const FINDINGS_AT_ONCE = 15;
/** Of a statement that is run again. */
const ROWS_SHOWN = 50;
const KEYS_LIMIT = 1_000;
const KEY_ROLES: readonly Role[] = ["agent", "member"];
/** Those with the most at stake, which come before everything else. */
const TOP_FINDINGS = 5;
const RUNS_SHOWN = 5;
/** Where it is written down whether any agent may act. */
export const AGENTS_FLAG = "AGENTS_ENABLED";

const of = (id: string) => ({ params: { path: { id } } });
const firstPage = undefined as string | undefined;
const nextPage = (page: { next_cursor: string | null }) => page.next_cursor ?? undefined;

/** The keys that an agent may act with. */
export const agentKeysQuery = queryOptions({
  queryKey: ["agents", "keys"],
  queryFn: async ({ signal }) => {
    const { items } = await call(api.GET("/api/v1/api-keys", { signal, params: { query: { limit: KEYS_LIMIT } } }));
    return items.filter(({ role, revoked_at }) => KEY_ROLES.includes(role) && revoked_at === null);
  },
});

export const runsQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "runs", id],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/agents/{id}/runs", { signal, params: { path: { id }, query: { limit: RUNS_SHOWN } } })),
  });

export type FindingsFilter = { state: "open" | "resolved"; agent?: string | undefined; kind?: string };

export const findingsQuery = ({ state, agent, kind }: FindingsFilter) =>
  infiniteQueryOptions({
    queryKey: ["agents", "findings", state, agent ?? "all", kind ?? "all"],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(
        api.GET("/api/v1/agents/findings", {
          signal,
          params: { query: { state, agent, kind, cursor, limit: FINDINGS_AT_ONCE } },
        }),
      ),
    getNextPageParam: nextPage,
  });

/** The open findings with the most at stake, whatever their kind. */
export const topFindingsQuery = (agent: string | undefined) =>
  queryOptions({
    queryKey: ["agents", "findings", "top", agent ?? "all"],
    queryFn: ({ signal }) =>
      call(
        api.GET("/api/v1/agents/findings", {
          signal,
          params: { query: { state: "open", agent, limit: TOP_FINDINGS } },
        }),
      ),
  });

/** The kinds of open findings, each with how many there are and what is at stake in them. */
export const findingGroupsQuery = queryOptions({
  queryKey: ["agents", "findings", "groups"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/agents/findings/groups", { signal })),
});

export const findingQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "findings", "one", id],
    queryFn: ({ signal }) => call(api.GET("/api/v1/agents/findings/{id}", { signal, ...of(id) })),
  });

export const proposalsQuery = infiniteQueryOptions({
  queryKey: ["agents", "proposals"],
  initialPageParam: firstPage,
  queryFn: ({ signal, pageParam: cursor }) =>
    call(
      api.GET("/api/v1/agents/proposals", { signal, params: { query: { state: "open", cursor, limit: PAGE_LIMIT } } }),
    ),
  getNextPageParam: nextPage,
});

function useAgentChange<Input, Answer>(act: (input: Input) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => {
      for (const queryKey of [["agents"], ["tasks"], ["settings", "flags"]])
        void queryClient.invalidateQueries({ queryKey });
    },
  });
}

export const useSetAgent = () =>
  useAgentChange(({ id, settings }: { id: string; settings: AgentSettings }) =>
    call(api.PUT("/api/v1/agents/{id}", { ...of(id), body: settings })),
  );

export const useRemoveAgent = () => useAgentChange((id: string) => call(api.DELETE("/api/v1/agents/{id}", of(id))));

export const useLook = () =>
  useAgentChange((id: string) => call(api.POST("/api/v1/agents/{id}/run", { ...of(id), body: {} })));

export type Verdict = { feedback?: "useful" | "not_useful"; ignored_until?: string };

export const useJudge = () =>
  useAgentChange(({ id, verdict }: { id: string; verdict: Verdict }) =>
    call(api.PUT("/api/v1/agents/findings/{id}/feedback", { ...of(id), body: verdict })),
  );

/** Runs one SELECT over the unified views. */
export const useRunSql = () =>
  useMutation({
    mutationFn: (sql: string) => call(api.POST("/api/v1/sql", { body: { sql, limit: ROWS_SHOWN } })),
  });

export const useDecide = () =>
  useAgentChange(({ id, approve }: { id: string; approve: boolean }) =>
    approve
      ? call(api.POST("/api/v1/agents/proposals/{id}/approve", of(id)))
      : call(api.POST("/api/v1/agents/proposals/{id}/reject", of(id))),
  );

export const useSwitchAgents = () =>
  useAgentChange((value: boolean) =>
    call(api.PUT("/api/v1/flags/{name}", { params: { path: { name: AGENTS_FLAG } }, body: { value } })),
  );
