// What the Control Center asks and keeps. The conversation of this tab lives in the query cache, which logging out empties.
import { infiniteQueryOptions, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { QuestionOutcome, Receipt } from "@/api/types";

const PAGE_LIMIT = 20;
const EXCHANGES_KEPT = 50;

export type Exchange = { key: number; question: string; outcome?: QuestionOutcome; error?: unknown };

export const summaryQuery = (persona: string) =>
  queryOptions({
    queryKey: ["dcl", "persona-summary", persona],
    queryFn: ({ signal }) => call(api.GET("/api/v1/nlp/persona/summary", { signal, params: { query: { persona } } })),
  });

export const earlierQuery = infiniteQueryOptions({
  queryKey: ["questions", "earlier"],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ signal, pageParam: cursor }) =>
    call(api.GET("/api/v1/questions", { signal, params: { query: { limit: PAGE_LIMIT, cursor } } })),
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

const CONVERSATION = ["conversation"];

export function useConversation() {
  const queryClient = useQueryClient();
  const { data } = useQuery<Exchange[]>({
    queryKey: CONVERSATION,
    queryFn: () => [],
    initialData: [],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  const change = (next: (known: Exchange[]) => Exchange[]) =>
    queryClient.setQueryData<Exchange[]>(CONVERSATION, (known) => next(known ?? []));
  const put = (key: number, part: Partial<Exchange>) =>
    change((known) => known.map((exchange) => (exchange.key === key ? { ...exchange, ...part } : exchange)));

  const ask = useMutation({
    mutationFn: async ({ question, persona }: { question: string; persona: string | null }) => {
      const key = Date.now();
      change((known) => [{ key, question }, ...known].slice(0, EXCHANGES_KEPT));
      try {
        const outcome = await call(
          api.POST("/api/v1/nlp/query", { body: { query: question, persona: persona ?? "auto" } }),
        );
        put(key, { outcome });
      } catch (error) {
        put(key, { error });
      }
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["questions"] }),
  });
  return { exchanges: data, ask };
}

export const useVerify = () =>
  useMutation({ mutationFn: (receipt: Receipt) => call(api.POST("/api/v1/receipts/verify", { body: receipt })) });

export const useRerun = () =>
  useMutation({
    mutationFn: (id: string) => call(api.POST("/api/v1/receipts/{id}/rerun", { params: { path: { id } } })),
  });

export const useReportGap = () =>
  useMutation({
    mutationFn: (id: string) => call(api.POST("/api/v1/questions/{id}/gap", { params: { path: { id } } })),
  });

export const useRate = () => {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, rating }: { id: string; rating: "up" | "down" }) =>
      call(api.PUT("/api/v1/questions/{id}/feedback", { params: { path: { id } }, body: { rating } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["questions"] }),
  });
};
