// What the page of the connections reads and does. Every action makes what it concerns read again, whether it was taken or refused.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { proposalOf } from "@/api/assets";
import { api, call } from "@/api/client";
import type { components } from "@/api/schema";

type Contract = components["schemas"]["Contract"];

const PAGE_LIMIT = 20;
const RUNS_LOGGED = 50;

const firstPage = undefined as string | undefined;
const nextPage = (page: { next_cursor?: string | null }) => page.next_cursor ?? undefined;

export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/connectors", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The newest reads of all connections, for their log. */
export const loggedRunsQuery = queryOptions({
  queryKey: ["ledger", "logged"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/ledger", { signal, params: { query: { limit: RUNS_LOGGED } } })),
});

export const healthOfQuery = (id: string) =>
  queryOptions({
    queryKey: ["connections", "health", id],
    queryFn: ({ signal }) => call(api.GET("/api/v1/connections/{id}/health", { signal, params: { path: { id } } })),
  });

export const runsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["connections", "runs", id],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(
        api.GET("/api/v1/connections/{id}/runs", {
          signal,
          params: { path: { id }, query: { limit: PAGE_LIMIT, cursor } },
        }),
      ),
    getNextPageParam: nextPage,
  });

/** What happened to one connection, or to all of them. */
export const eventsQuery = (id: string | null) =>
  infiniteQueryOptions({
    queryKey: ["connections", "events", id ?? "all"],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam: cursor }) => {
      const query = { limit: PAGE_LIMIT, cursor };
      return id === null
        ? call(api.GET("/api/v1/aam/events", { signal, params: { query } }))
        : call(api.GET("/api/v1/connections/{id}/events", { signal, params: { path: { id }, query } }));
    },
    getNextPageParam: nextPage,
  });

function useAction<Input, Answer>(act: (input: Input) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => {
      for (const queryKey of [["connections"], ["tasks"]]) void queryClient.invalidateQueries({ queryKey });
    },
  });
}

const of = (id: string) => ({ params: { path: { id } } });

export const useCheck = () => useAction((id: string) => call(api.POST("/api/v1/connections/{id}/check", of(id))));

export const useDiscover = () => useAction((id: string) => call(api.POST("/api/v1/connections/{id}/discover", of(id))));

export const useSync = () =>
  useAction(({ id, mode }: { id: string; mode: "incremental" | "full" }) =>
    call(api.POST("/api/v1/connections/{id}/sync", { ...of(id), body: { mode } })),
  );

export const usePause = () =>
  useAction(({ id, reason }: { id: string; reason: string }) =>
    call(api.POST("/api/v1/connections/{id}/pause", { ...of(id), body: { reason } })),
  );

/** What somebody said beforehand about a table that changes. */
export const contractQuery = (id: string, stream: string) =>
  queryOptions({
    queryKey: ["connections", "contract", id, stream],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/connections/{id}/streams/{stream}/contract", { signal, params: { path: { id, stream } } })),
  });

export const useSetContract = () =>
  useAction(({ id, stream, contract }: { id: string; stream: string; contract: Contract }) =>
    call(
      api.PUT("/api/v1/connections/{id}/streams/{stream}/contract", {
        params: { path: { id, stream } },
        body: contract,
      }),
    ),
  );

export const useConfirmRead = () =>
  useAction((id: string) => call(api.POST("/api/v1/connections/{id}/confirm", of(id))));

export const useResume = () => useAction((id: string) => call(api.POST("/api/v1/connections/{id}/resume", of(id))));

export const useRemove = () => useAction((id: string) => call(api.DELETE("/api/v1/connections/{id}", of(id))));

export const useAskConsent = () =>
  useAction((id: string) =>
    call(
      api.POST("/api/v1/connections/{id}/consent", { ...of(id), body: { return_to: `/connections?connection=${id}` } }),
    ),
  );

export const useForgetGrant = () =>
  useAction((id: string) => call(api.DELETE("/api/v1/connections/{id}/grant", of(id))));

export type NewConnection = {
  name: string;
  connector: string;
  config: Record<string, unknown>;
  credential_locator?: string;
};

/** Proposes a source instead of connecting it: a sample of it is looked at, and nothing else until somebody promotes it. */
export const usePropose = () =>
  useAction(({ connector, ...rest }: NewConnection & Partial<ReturnType<typeof proposalOf>>) =>
    call(api.POST("/api/v1/aam/intents", { body: { ...rest, source_type: connector } })),
  );

export const useAdd = () => useAction((body: NewConnection) => call(api.POST("/api/v1/connections", { body })));
