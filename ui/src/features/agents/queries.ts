// What the page about agents reads and decides.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { AgentSettings } from "@/api/types";

const PAGE_LIMIT = 50;
const RUNS_SHOWN = 5;
/** Where it is written down whether any agent may act. */
export const AGENTS_FLAG = "AGENTS_ENABLED";

const firstPage = undefined as string | undefined;
const nextPage = (page: { next_cursor: string | null }) => page.next_cursor ?? undefined;

export const agentsQuery = queryOptions({
  queryKey: ["agents", "list"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/agents", { signal })),
});

export const runsQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "runs", id],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/agents/{id}/runs", { signal, params: { path: { id }, query: { limit: RUNS_SHOWN } } })),
  });

export type FindingsFilter = { state: "open" | "resolved"; agent?: string | undefined };

export const findingsQuery = ({ state, agent }: FindingsFilter) =>
  infiniteQueryOptions({
    queryKey: ["agents", "findings", state, agent ?? "all"],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(
        api.GET("/api/v1/agents/findings", { signal, params: { query: { state, agent, cursor, limit: PAGE_LIMIT } } }),
      ),
    getNextPageParam: nextPage,
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

const of = (id: string) => ({ params: { path: { id } } });

export const useSetAgent = () =>
  useAgentChange(({ id, settings }: { id: string; settings: AgentSettings }) =>
    call(api.PUT("/api/v1/agents/{id}", { ...of(id), body: settings })),
  );

export const useLook = () =>
  useAgentChange((id: string) => call(api.POST("/api/v1/agents/{id}/run", { ...of(id), body: {} })));

export type Verdict = { feedback?: "useful" | "not_useful"; ignored_until?: string };

export const useJudge = () =>
  useAgentChange(({ id, verdict }: { id: string; verdict: Verdict }) =>
    call(api.PUT("/api/v1/agents/findings/{id}/feedback", { ...of(id), body: verdict })),
  );

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
