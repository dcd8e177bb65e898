// What the review queue reads and decides. A decision is made on the revision that was looked at; live events make the queue read again.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { RuleEdit } from "./item";

const PAGE_LIMIT = 50;
const RECORDS_TRIED = 5_000;

export const queueQuery = (state: string, kind: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["reviews", "list", state, kind ?? ""],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(api.GET("/api/v1/reviews", { signal, params: { query: { state, kind, limit: PAGE_LIMIT, cursor } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: ["reviews", "one", id],
    queryFn: ({ signal }) => call(api.GET("/api/v1/reviews/{id}", { signal, params: { path: { id } } })),
  });

export const policyQuery = queryOptions({
  queryKey: ["drift", "policy"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/drift/policy", { signal })),
});

function useDecision<Input, Answer>(act: (input: Input) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => {
      for (const queryKey of [["reviews"], ["drift"], ["dcl"], ["tasks"]]) {
        void queryClient.invalidateQueries({ queryKey });
      }
    },
  });
}

const of = (id: string) => ({ params: { path: { id } } });

export type Choice = { candidate: number; edits: RuleEdit[] | null };
type Approval = Choice & { id: string; revision: number; accept: boolean };

export const useRehearse = () =>
  useMutation({
    mutationFn: ({ id, candidate, edits, accept }: Choice & { id: string; accept: boolean }) =>
      call(
        api.POST("/api/v1/reviews/{id}/rehearse", {
          ...of(id),
          body: {
            records: RECORDS_TRIED,
            ...(accept ? { accept } : { candidate, ...(edits && { edits }) }),
          },
        }),
      ),
  });

export const useApprove = () =>
  useDecision(({ id, candidate, edits, accept, revision }: Approval) =>
    call(
      api.POST("/api/v1/reviews/{id}/approve", {
        ...of(id),
        body: accept ? { accept, revision } : { candidate, revision, ...(edits && { edits }) },
      }),
    ),
  );

export const useReject = () =>
  useDecision(({ id, reason, revision }: { id: string; reason: string; revision: number }) =>
    call(api.POST("/api/v1/reviews/{id}/reject", { ...of(id), body: { revision, ...(reason && { reason }) } })),
  );

/** Decides many items alike; approving takes the first candidate of each. */
export const useDecideMany = () =>
  useDecision((body: { decision: "approve" | "reject"; ids: string[] }) =>
    call(api.POST("/api/v1/reviews/decide", { body })),
  );

export const useUndo = () => useDecision((id: string) => call(api.POST("/api/v1/reviews/{id}/undo", of(id))));

export const useAssign = () =>
  useDecision(({ id, assignee }: { id: string; assignee: string | null }) =>
    call(api.PUT("/api/v1/reviews/{id}/assignee", { ...of(id), body: { assignee } })),
  );

export const useComment = () =>
  useDecision(({ id, text }: { id: string; text: string }) =>
    call(api.POST("/api/v1/reviews/{id}/comments", { ...of(id), body: { text } })),
  );

export type Policy = {
  autonomy: "observe" | "recommend" | "approve_to_act" | "auto";
  auto_from: number;
  review_from: number;
  auto_per_day: number;
};

export const useSetPolicy = () =>
  useDecision((body: Policy & Record<string, unknown>) =>
    call(api.PUT("/api/v1/drift/policy", { body: body as never })),
  );
