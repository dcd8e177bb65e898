// Which model may be asked: what is known of models and what the organisation has chosen. More than one page reads and changes it.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "./client";
import type { ModelSettings } from "./types";

export const modelsQuery = queryOptions({
  queryKey: ["models", "known"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/models", { signal })),
});

export const modelSettingsQuery = queryOptions({
  queryKey: ["models", "settings"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/models/settings", { signal })),
});

/** Returns an action after which everything about models is read again, whether it was taken or refused. */
export function useModelChange<Input, Answer>(act: (input: Input) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["models"] }),
  });
}

export const useChooseModel = () =>
  useModelChange((body: ModelSettings) => call(api.PUT("/api/v1/models/settings", { body })));
