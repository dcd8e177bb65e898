// What the pages of the orchestration read and do. Live messages and every action make the lists read again.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";

const PAGE_LIMIT = 50;
const LOGS_LIMIT = 1000;

export type TaskFilters = { state?: string; kind?: string };

export const functionsQuery = queryOptions({
  queryKey: ["aoa", "functions"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/aoa/functions", { signal })),
});

export const tasksQuery = ({ state, kind }: TaskFilters) =>
  infiniteQueryOptions({
    queryKey: ["tasks", "list", state ?? "", kind ?? ""],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      call(
        api.GET("/api/v1/tasks", { signal, params: { query: { limit: PAGE_LIMIT, cursor: pageParam, state, kind } } }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ["tasks", "one", id],
    queryFn: ({ signal }) => call(api.GET("/api/v1/tasks/{id}", { signal, params: { path: { id } } })),
  });

export const logsQuery = (id: string) =>
  queryOptions({
    queryKey: ["tasks", "logs", id],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/tasks/{id}/logs", { signal, params: { path: { id }, query: { limit: LOGS_LIMIT } } })),
  });

export const schedulesQuery = queryOptions({
  queryKey: ["tasks", "schedules"],
  queryFn: ({ signal }) =>
    call(api.GET("/api/v1/tasks/schedules", { signal, params: { query: { limit: LOGS_LIMIT } } })),
});

/** Returns an action after which tasks and orchestration are read again, whether it was taken or refused. */
function useAction<Input>(act: (input: Input) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => {
      for (const queryKey of [["tasks"], ["aoa"]]) void queryClient.invalidateQueries({ queryKey });
    },
  });
}

export const useCancel = () =>
  useAction((id: string) => call(api.DELETE("/api/v1/tasks/{id}", { params: { path: { id } } })));

export const useRunAgain = () =>
  useAction((id: string) => call(api.POST("/api/v1/tasks/{id}/replay", { params: { path: { id } } })));

export const useRunAllAgain = () =>
  useAction((kind: string | undefined) =>
    call(api.POST("/api/v1/tasks/replay", { body: { kind: kind ? [kind] : [] } })),
  );

export const useLimit = () =>
  useAction((max_running: number | null) => call(api.PUT("/api/v1/tasks/settings", { body: { max_running } })));

export const useRunConnect = () => useAction((_: null) => call(api.POST("/api/v1/aoa/run", { body: {} })));

export const useReset = () => useAction((_: null) => call(api.POST("/api/v1/aoa/reset")));

export const useProductionMode = () =>
  useAction((enabled: boolean) => call(api.POST("/api/v1/aoa/prod-mode", { body: { enabled } })));
