// "AOS Ledger": every run, and the proof that no record was lost on the way.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import { api, call } from "@/api/client";
import { text } from "@/text/ledger";
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
      <PageHeader title={text.aosLedger}>{text.everyRecordThatWasReadIs}</PageHeader>
      {pages.isError && !totals ? (
        <Card flush>
          <Failure error={pages.error} retry={() => void pages.refetch()} />
        </Card>
      ) : !totals ? (
        <Card flush>
          <Loading label={text.loadingTheLedger} rows={6} />
        </Card>
      ) : runs.length === 0 ? (
        <Card>
          <Empty
            icon={Scale}
            title={text.noRunYet}
            action={
              <Link to="/ontology" className="font-semibold text-accent underline underline-offset-4">
                {text.goToAosOntology}
              </Link>
            }
          >
            {text.startARunEachSourceWrites}
          </Empty>
        </Card>
      ) : (
        <>
          <Card title={text.allRunsTogether} aside={<Balance balanced={totals.balanced} />}>
            <Equation totals={totals} />
          </Card>
          <Card title={text.runs} flush>
            <ul>
              {runs.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </ul>
            {pages.hasNextPage && (
              <div className="border-t border-line p-4 text-center">
                <Button small disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  {pages.isFetchingNextPage ? text.loading : text.showMore}
                </Button>
              </div>
            )}
          </Card>
        </>
      )}
    </div>
  );
}
