// "AOS Review queue": the items on one side, the one that is looked at on the other, and how far repairs go by themselves.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Inbox } from "lucide-react";
import { useAskWhileAway } from "@/api/socket";
import type { Review } from "@/api/types";
import { text } from "@/text/review";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Pages } from "@/ui/Pages";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { DriftingCard } from "./DriftingCard";
import { PolicyCard } from "./PolicyCard";
import { QueueRow } from "./QueueRow";
import { queueQuery, reviewQuery } from "./queries";
import { ReviewDetail } from "./ReviewDetail";
import { useKeys } from "./useKeys";

const route = getRouteApi("/shell/review");

const READ_AGAIN_MS = 5_000;

type State = keyof typeof text.states;
const STATES = Object.keys(text.states) as State[];

export function ReviewPage() {
  const search = route.useSearch();
  const state = STATES.find((known) => known === search.state) ?? "open";
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title}>{text.lead}</PageHeader>
      <TabRow label={text.stateTabs} chosen={state}>
        {STATES.map((name) => (
          <Link
            key={name}
            data-tab={name}
            to="/review"
            search={name === "open" ? {} : { state: name }}
            aria-current={name === state ? "page" : undefined}
            className={tabClass(name === state)}
          >
            {text.states[name]}
          </Link>
        ))}
      </TabRow>
      <Queue key={state} state={state} chosen={search.item} />
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <PolicyCard />
        <DriftingCard />
      </div>
    </div>
  );
}

function Queue({ state, chosen }: { state: State; chosen: string | undefined }) {
  const navigate = route.useNavigate();
  const queue = useInfiniteQuery({ ...queueQuery(state), refetchInterval: useAskWhileAway(READ_AGAIN_MS) });
  const items = queue.data?.pages.flatMap((page) => page.items) ?? [];
  // An item that was just decided leaves the queue and stays in sight until another one is chosen.
  const current = chosen ?? items[0]?.id;
  const choose = (item: string) =>
    void navigate({ search: { ...(state !== "open" && { state }), item }, replace: true, resetScroll: false });
  const step = (by: number) => {
    const at = items.findIndex((item) => item.id === current);
    const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
    if (next) choose(next.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });

  return (
    <div className={clsx("grid items-start gap-5", current && "xl:grid-cols-[24rem_minmax(0,1fr)]")}>
      <Card flush title={text.queue}>
        <Pages
          query={queue}
          loading={text.loading}
          empty={
            <Empty icon={Inbox} title={state === "open" ? text.none : text.noneOther}>
              {state === "open" ? text.noneLead : text.noneOtherLead}
            </Empty>
          }
        >
          {(known: Review[]) => (
            <>
              <ul className="max-h-[70dvh] overflow-y-auto">
                {known.map((item) => (
                  <QueueRow key={item.id} item={item} chosen={item.id === current} onChoose={() => choose(item.id)} />
                ))}
              </ul>
              {state === "open" && (
                <p className="border-t border-line px-5 py-2.5 text-xs text-faint max-xl:hidden">{text.keys}</p>
              )}
            </>
          )}
        </Pages>
      </Card>
      {current ? (
        <Detail key={current} id={current} />
      ) : (
        items.length > 0 && <p className="p-5 text-soft">{text.choose}</p>
      )}
    </div>
  );
}

function Detail({ id }: { id: string }) {
  const review = useQuery(reviewQuery(id));
  return (
    <Query query={review} loading={text.loadingItem} framed>
      {(known) => <ReviewDetail review={known} />}
    </Query>
  );
}
