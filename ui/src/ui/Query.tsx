// Draws a query in its state, so that no page forgets loading or error.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failure, Loading } from "./States";

type Props<T> = { query: UseQueryResult<T>; loading: string; children: (answer: T) => ReactNode };

export function Query<T>({ query, loading, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <Loading label={loading} />;
}
