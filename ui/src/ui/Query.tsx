// Draws a query in its state, so that no page forgets loading or error.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Card } from "./Card";
import { Failure, Loading } from "./States";

type Props<T> = {
  query: UseQueryResult<T>;
  loading: string;
  /** Draws loading and error on a card of their own, for places that have none. */
  framed?: boolean;
  /** How high the place is while it loads; as high as what comes, so that nothing below it jumps. */
  rows?: number;
  children: (answer: T) => ReactNode;
};

export function Query<T>({ query, loading, framed = false, rows, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  const state = query.isError ? (
    <Failure error={query.error} retry={() => void query.refetch()} />
  ) : (
    <Loading label={loading} rows={rows ?? (framed ? 8 : 4)} />
  );
  return framed ? <Card flush>{state}</Card> : state;
}
