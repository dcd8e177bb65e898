// What is asked and said about things: the explanation of one, the comparison of two records, rulings and their end.
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { components } from "@/api/schema";
import type { ThingSearch } from "../search";

export type RecordName = components["schemas"]["RecordName"];
export type Pair = { entity: string; left: RecordName; right: RecordName };
type Verdict = Pair & { verdict: "same" | "different"; reason?: string };

/** A thing by its own id, or the one that a record is. */
export function thingQuery({ entity = "", id, source = "", record = "" }: ThingSearch) {
  return queryOptions({
    queryKey: ["golden", entity, id ?? "of", source, record],
    queryFn: ({ signal }) =>
      id
        ? call(api.GET("/api/v1/dcl/golden/{entity}/{id}", { signal, params: { path: { entity, id } } }))
        : call(
            api.GET("/api/v1/dcl/golden/{entity}/of/{source}/{record_id}", {
              signal,
              params: { path: { entity, source, record_id: record } },
            }),
          ),
  });
}

export function usePairEvidence(pair: Pair | null) {
  return useQuery({
    queryKey: ["golden", "pair", pair],
    enabled: pair !== null,
    retry: false,
    queryFn: ({ signal }) => {
      const { entity, left, right } = pair as Pair;
      const query = {
        entity,
        left_source: left.source,
        left_record: left.record_id,
        right_source: right.source,
        right_record: right.record_id,
      };
      return call(api.GET("/api/v1/dcl/unify/explain", { signal, params: { query } }));
    },
  });
}

export function useRule() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (said: Verdict) => call(api.POST("/api/v1/dcl/unify/rulings", { body: said })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["golden"] }),
  });
}

export function useTakeBack() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(api.DELETE("/api/v1/dcl/unify/rulings/{id}", { params: { path: { id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["golden"] }),
  });
}

/** Says whether the task that follows from a ruling still runs; the live line tells of its end. */
export function useFollows(taskId: string | null): boolean {
  const task = useQuery({
    queryKey: ["tasks", "one", taskId],
    enabled: taskId !== null,
    queryFn: ({ signal }) => call(api.GET("/api/v1/tasks/{id}", { signal, params: { path: { id: taskId ?? "" } } })),
  });
  return taskId !== null && !task.isError && !task.data?.finished_at;
}
