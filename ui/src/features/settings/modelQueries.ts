// What the settings of models read and change beside the choice itself.
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { useModelChange } from "@/api/models";

export const modelUsageQuery = queryOptions({
  queryKey: ["models", "usage"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/models/usage", { signal })),
});

export const useTryModel = () => useModelChange((_: null) => call(api.POST("/api/v1/models/test")));
