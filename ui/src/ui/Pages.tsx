// A list that comes page by page, in its states: loading, error, empty, and rows with the way to more of them.
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { text } from "@/text/parts";
import { Button } from "./Button";
import { Failure, Loading } from "./States";

type Page<Item> = { items: Item[] };

type Props<Item> = {
  query: UseInfiniteQueryResult<InfiniteData<Page<Item>>>;
  loading: string;
  /** How high the place is while it loads; as high as what comes, so that nothing below it jumps. */
  rows?: number;
  empty: ReactNode;
  children: (items: Item[]) => ReactNode;
};

export function Pages<Item>({ query, loading, rows = 5, empty, children }: Props<Item>) {
  if (!query.data) {
    if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
    return <Loading label={loading} rows={rows} />;
  }
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return empty;
  return (
    <>
      {children(items)}
      {query.hasNextPage && (
        <div className="border-t border-line p-4 text-center">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? text.loadingMore : text.showMore}
          </Button>
        </div>
      )}
    </>
  );
}
