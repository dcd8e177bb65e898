// What the lineage reads.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";

export const LINES_MAX = 500;

export const linesQuery = (search: string) =>
  queryOptions({
    queryKey: ["dcl", "lineage", "search", search],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/dcl/lineage", { signal, params: { query: { search, limit: LINES_MAX } } })),
    // What was found before stays in sight while the next letters are looked up.
    placeholderData: keepPreviousData,
  });

export const fieldQuery = (entity: string, field: string) =>
  queryOptions({
    queryKey: ["dcl", "lineage", "field", entity, field],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/dcl/lineage/{entity}/{field}", { signal, params: { path: { entity, field } } })),
  });
