// What the discovery reads and decides. Live events make it read again.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { proposalOf } from "@/api/assets";
import { api, call } from "@/api/client";
import type { Asset, Assets, IntentState } from "@/api/types";

const PAGE_LIMIT = 50;
const ASSETS_MAX = 100;
/** Less sure findings are left out. */
const CONFIDENCE_MIN = 0.5;

export const intentsQuery = (state: IntentState | undefined) =>
  infiniteQueryOptions({
    queryKey: ["intents", "list", state ?? "all"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(api.GET("/api/v1/aam/intents", { signal, params: { query: { state, limit: PAGE_LIMIT, cursor } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const intentQuery = (id: string) =>
  queryOptions({
    queryKey: ["intents", "one", id],
    queryFn: ({ signal }) => call(api.GET("/api/v1/aam/intents/{id}", { signal, params: { path: { id } } })),
  });

export const samplesQuery = (id: string) =>
  queryOptions({
    queryKey: ["intents", "samples", id],
    queryFn: ({ signal }) => call(api.GET("/api/v1/aam/intents/{id}/samples", { signal, params: { path: { id } } })),
  });

export const funnelQuery = queryOptions({
  queryKey: ["intents", "funnel"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/aam/metrics/funnel", { signal })),
});

function useDecision<Answer>(act: (id: string) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => {
      for (const queryKey of [["intents"], ["connections"]]) void queryClient.invalidateQueries({ queryKey });
    },
  });
}

const of = (id: string) => ({ params: { path: { id } } });

/** Asks the discovery service; its answer is a task's result, which the assets are made of. */
export function useAskService() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (question: string) =>
      call(
        api.POST("/api/v1/aoa/discover", {
          body: { nlp_query: question, max_results: ASSETS_MAX, min_confidence: CONFIDENCE_MIN },
        }),
      ),
    onSettled: () => {
      for (const queryKey of [["assets"], ["tasks"]]) void queryClient.invalidateQueries({ queryKey });
    },
  });
}

/** Proposes what nothing here reads, so that it is counted. */
export function useNote() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ asset, answered }: { asset: Asset; answered: Assets["answered"] }) =>
      call(
        api.POST("/api/v1/aam/intents", {
          body: { source_type: asset.source_type ?? "", ...proposalOf(asset, answered) },
        }),
      ),
    onSettled: () => {
      for (const queryKey of [["assets"], ["intents"]]) void queryClient.invalidateQueries({ queryKey });
    },
  });
}

export const usePromote = () =>
  useDecision((id: string) => call(api.POST("/api/v1/aam/intents/{id}/promote", { ...of(id), body: {} })));

export const useTurnDown = () =>
  useDecision((id: string) => call(api.POST("/api/v1/aam/intents/{id}/reject", { ...of(id), body: {} })));

export const useRetry = () => useDecision((id: string) => call(api.POST("/api/v1/aam/intents/{id}/retry", of(id))));
