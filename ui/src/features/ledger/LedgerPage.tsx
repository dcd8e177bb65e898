// "AOS Ledger": every run, and the proof that no record was lost on the way.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import { api, call } from "@/api/client";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Empty, Failure, Loading } from "@/ui/States";
import { Balance, Equation } from "./Equation";
import { RunRow } from "./RunRow";

const PAGE_LIMIT = 50;

export function LedgerPage() {
  const pages = useInfiniteQuery({
    queryKey: ["ledger"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      call(api.GET("/api/v1/ledger", { signal, params: { query: { limit: PAGE_LIMIT, cursor: pageParam } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const totals = pages.data?.pages[0]?.totals;
  const runs = pages.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <div className="grid gap-6">
      <PageHeader title="AOS Ledger">
        Every record that was read is accounted for. A run that does not balance is never green.
      </PageHeader>
      {pages.isError && !totals ? (
        <Card flush>
          <Failure error={pages.error} retry={() => void pages.refetch()} />
        </Card>
      ) : !totals ? (
        <Card flush>
          <Loading label="Loading the ledger" rows={6} />
        </Card>
      ) : runs.length === 0 ? (
        <Card>
          <Empty
            icon={Scale}
            title="No run yet"
            action={
              <Link to="/" className="font-semibold text-accent underline underline-offset-4">
                Go to AOS Ontology
              </Link>
            }
          >
            Start a run; each source writes its own line here.
          </Empty>
        </Card>
      ) : (
        <>
          <Card title="All runs together" aside={<Balance balanced={totals.balanced} />}>
            <Equation totals={totals} />
          </Card>
          <Card title="Runs" flush>
            <ul>
              {runs.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </ul>
            {pages.hasNextPage && (
              <div className="border-t border-line p-4 text-center">
                <Button small disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  {pages.isFetchingNextPage ? "Loading…" : "Show more"}
                </Button>
              </div>
            )}
          </Card>
        </>
      )}
    </div>
  );
}
