// What the settings of models read and change.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { ModelSettings } from "@/api/types";

export const modelsQuery = queryOptions({
  queryKey: ["models", "known"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/models", { signal })),
});

export const modelSettingsQuery = queryOptions({
  queryKey: ["models", "settings"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/models/settings", { signal })),
});

export const modelUsageQuery = queryOptions({
  queryKey: ["models", "usage"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/models/usage", { signal })),
});

function useModelChange<Input, Answer>(act: (input: Input) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["models"] }),
  });
}

export const useChooseModel = () =>
  useModelChange((body: ModelSettings) => call(api.PUT("/api/v1/models/settings", { body })));

export const useTryModel = () => useModelChange((_: null) => call(api.POST("/api/v1/models/test")));
