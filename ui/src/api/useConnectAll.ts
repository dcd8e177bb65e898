// Starts a run of all sources from wherever a page offers it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "./client";

export function useConnectAll() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (_: null) => call(api.POST("/api/v1/dcl/connect", { body: {} })),
    onSettled: () => {
      for (const queryKey of [["tasks"], ["connections"]]) void queryClient.invalidateQueries({ queryKey });
    },
  });
}
