// What the lineage reads.
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";

export const LINES_MAX = 500;

export const fieldQuery = (entity: string, field: string) =>
  queryOptions({
    queryKey: ["dcl", "lineage", "field", entity, field],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/dcl/lineage/{entity}/{field}", { signal, params: { path: { entity, field } } })),
  });
