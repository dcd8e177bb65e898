// "AOS Review queue": the items on one side, the one that is looked at on the other, and how far repairs go by themselves.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Inbox } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useMay } from "@/api/permissions";
import { useAskWhileAway } from "@/api/socket";
import type { Review } from "@/api/types";
import { text } from "@/text/review";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { inputClass } from "@/ui/Field";
import { PageHeader } from "@/ui/PageHeader";
import { Pages } from "@/ui/Pages";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { DriftingCard } from "./DriftingCard";
import { Marked } from "./Marked";
import { PolicyCard } from "./PolicyCard";
import { QueueRow } from "./QueueRow";
import { queueQuery, reviewQuery } from "./queries";
import { ReviewDetail } from "./ReviewDetail";
import { useKeys } from "./useKeys";

const route = getRouteApi("/shell/review");

const READ_AGAIN_MS = 5_000;

type State = keyof typeof text.states;
const STATES = Object.keys(text.states) as State[];
const KINDS = Object.keys(text.kinds);
/** From this width on the item stands beside the queue, and not below it. */
const BESIDE = "(min-width: 80rem)";

export function ReviewPage() {
  const search = route.useSearch();
  const state = STATES.find((known) => known === search.state) ?? "open";
  const kind = KINDS.find((known) => known === search.kind);
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title}>{text.lead}</PageHeader>
      <TabRow label={text.stateTabs} chosen={state}>
        {STATES.map((name) => (
          <Link
            key={name}
            data-tab={name}
            to="/review"
            search={{ ...(name !== "open" && { state: name }), ...(kind && { kind }) }}
            aria-current={name === state ? "page" : undefined}
            className={tabClass(name === state)}
          >
            {text.states[name]}
          </Link>
        ))}
      </TabRow>
      <Queue key={`${state}/${kind}`} state={state} kind={kind} chosen={search.item} />
    </div>
  );
}

type QueueProps = { state: State; kind: string | undefined; chosen: string | undefined };

function Queue({ state, kind, chosen }: QueueProps) {
  const navigate = route.useNavigate();
  const queue = useInfiniteQuery({ ...queueQuery(state, kind), refetchInterval: useAskWhileAway(READ_AGAIN_MS) });
  const items = queue.data?.pages.flatMap((page) => page.items) ?? [];
  // An item that was just decided leaves the queue and stays in sight until another one is chosen.
  const current = chosen ?? items[0]?.id;
  const review = useQuery({ ...reviewQuery(current ?? ""), enabled: current !== undefined });
  const place = useRef(0);
  const found = items.findIndex((item) => item.id === current);
  useEffect(() => {
    if (found >= 0) place.current = found;
  }, [found]);
  const go = (next: { kind?: string; item?: string }) =>
    void navigate({ search: { ...(state !== "open" && { state }), ...next }, replace: true, resetScroll: false });
  const choose = (item: string) => {
    go({ ...(kind && { kind }), item });
    const below = !window.matchMedia(BESIDE).matches;
    if (below) requestAnimationFrame(() => detail.current?.scrollIntoView({ block: "start" }));
  };
  const step = (by: number) => {
    // Where a decided item was, the one after it is now.
    const at = found >= 0 ? found + by : place.current + Math.min(0, by);
    const next = items[Math.min(items.length - 1, Math.max(0, at))];
    if (!next) return;
    choose(next.id);
    document.querySelector(`[data-review="${next.id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const decides = useMay("drift:decide") === true && state === "open";
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const mark = (id: string) => setMarked((before) => withOrWithout(before, id));
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ...(decides && current && { x: () => mark(current) }),
  });
  const detail = useRef<HTMLDivElement>(null);

  return (
    <>
      <div className={clsx("grid items-start gap-5", current && "xl:grid-cols-[24rem_minmax(0,1fr)]")}>
        <Card flush title={text.queue} aside={<KindChoice value={kind} onChange={(next) => go({ kind: next })} />}>
          <Pages
            query={queue}
            loading={text.loading}
            rows={8}
            empty={
              <Empty icon={Inbox} title={state === "open" ? text.none : text.noneOther}>
                {state === "open" ? text.noneLead : text.noneOtherLead}
              </Empty>
            }
          >
            {(known: Review[]) => (
              <>
                <ul className="max-h-[70dvh] overflow-y-auto max-xl:max-h-[50dvh]">
                  {known.map((item) => (
                    <QueueRow
                      key={item.id}
                      item={item}
                      chosen={item.id === current}
                      onChoose={() => choose(item.id)}
                      marked={decides ? marked.has(item.id) : undefined}
                      onMark={() => mark(item.id)}
                    />
                  ))}
                </ul>
                {/* What somebody else has decided meanwhile is marked no more. */}
                <Marked
                  ids={known.filter(({ id }) => marked.has(id)).map(({ id }) => id)}
                  onDone={() => setMarked(new Set())}
                />
                {state === "open" && (
                  <p className="border-t border-line px-5 py-2.5 text-xs text-faint max-xl:hidden">{text.keys}</p>
                )}
              </>
            )}
          </Pages>
        </Card>
        {current && (
          <div ref={detail} className="min-w-0">
            <Query key={current} query={review} loading={text.loadingItem} framed>
              {(known) => <ReviewDetail key={known.id} review={known} />}
            </Query>
          </div>
        )}
      </div>
      <Below>
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <PolicyCard />
          <DriftingCard />
        </div>
      </Below>
    </>
  );
}

function withOrWithout(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

type KindProps = { value: string | undefined; onChange: (kind: string | undefined) => void };

function KindChoice({ value, onChange }: KindProps) {
  return (
    <span className="w-52">
      <select
        aria-label={text.kind}
        className={clsx(inputClass, "min-h-9 text-sm")}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value || undefined)}
      >
        <option value="">{text.allKinds}</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {text.kinds[kind]}
          </option>
        ))}
      </select>
    </span>
  );
}
