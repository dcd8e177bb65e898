// What the switches of a run change. Everything that a change touches is read again, whether it was taken or refused.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";

/** Where it is kept whether the picture shows live sources only. */
export const LIVE_ONLY_FLAG = "USE_AAM_AS_SOURCE";

function useModeChange(change: (value: boolean) => Promise<unknown>, touched: string[][]) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(touched.map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
}

/** Asks for production mode to be turned on or off, which a task does. */
export const useProductionMode = () =>
  useModeChange((enabled) => call(api.POST("/api/v1/aoa/prod-mode", { body: { enabled } })), [["aoa"], ["models"]]);

export const useLiveOnly = () =>
  useModeChange(
    (value) => call(api.PUT("/api/v1/flags/{name}", { params: { path: { name: LIVE_ONLY_FLAG } }, body: { value } })),
    [["settings", "flags"], ["dcl"]],
  );
