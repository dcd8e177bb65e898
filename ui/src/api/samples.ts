// What there is to try with: sample sources and simulated services. More than one page offers it.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "./client";

export const samplesQuery = queryOptions({
  queryKey: ["connections", "samples"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/samples", { signal })),
});

const CHANGED = [["connections"], ["tasks"], ["aoa"]];
/** Records, mappings and the picture go with what they came from. */
const CHANGED_BY_REMOVAL = [...CHANGED, ["dcl"], ["records"], ["ledger"], ["rejections"]];

function useAct<Input, Answer>(act: (input: Input) => Promise<Answer>, changed: string[][]) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => {
      for (const queryKey of changed) void queryClient.invalidateQueries({ queryKey });
    },
  });
}

/** Connects samples and has them read; without anything named, all of them. */
export const useAddSamples = () =>
  useAct(
    (wanted: { samples?: string[]; simulated?: string[] }) => call(api.POST("/api/v1/samples", { body: wanted })),
    CHANGED,
  );

export const useRemoveSamples = () => useAct((_: null) => call(api.DELETE("/api/v1/samples")), CHANGED_BY_REMOVAL);
