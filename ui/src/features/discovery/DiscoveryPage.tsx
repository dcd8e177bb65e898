// "AOS Discovery": how far proposed sources have come, and the ones that wait for a person.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Plus, Telescope } from "lucide-react";
import { useMay } from "@/api/permissions";
import type { Intent, IntentState } from "@/api/types";
import { formatAgo, words } from "@/lib/format";
import { text } from "@/text/discovery";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Pages } from "@/ui/Pages";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { StatusDot } from "@/ui/StatusDot";
import { TabRow, tabClass } from "@/ui/Tabs";
import { AssetsCard } from "./AssetsCard";
import { FunnelTiles } from "./FunnelTiles";
import { IntentDrawer } from "./IntentDrawer";
import { funnelQuery, intentsQuery } from "./queries";
import { TONES } from "./states";

const route = getRouteApi("/shell/discovery");
const STATES = Object.keys(text.states) as IntentState[];

export function DiscoveryPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const state = STATES.find((known) => known === search.state);
  const funnel = useQuery(funnelQuery);
  const intents = useInfiniteQuery(intentsQuery(state));
  const proposes = useMay("connections:write") === true;
  const open = (intent: string | undefined) => void navigate({ search: { state, intent }, resetScroll: false });
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader
        title={text.title}
        aside={
          proposes && (
            <Link
              to="/connections"
              search={{ add: "propose" }}
              className="inline-flex min-h-11 items-center gap-2 rounded-xl bg-accent px-5 font-semibold text-on-accent hover:brightness-110"
            >
              <Plus aria-hidden="true" className="size-4" /> {text.propose}
            </Link>
          )
        }
      >
        {text.lead}
      </PageHeader>
      <Query query={funnel} loading={text.funnelLoading} framed>
        {(counts) => <FunnelTiles funnel={counts} />}
      </Query>
      <Below>
        <AssetsCard onOpen={open} />
        <Below>
          <h2 className="mt-2 text-lg font-bold">{text.proposals}</h2>
          <TabRow label={text.stateTabs} chosen={state ?? "all"}>
            {[undefined, ...STATES].map((name) => (
              <Link
                key={name ?? "all"}
                data-tab={name ?? "all"}
                to="/discovery"
                search={name ? { state: name } : {}}
                aria-current={name === state ? "page" : undefined}
                className={tabClass(name === state)}
              >
                {name ? words(text.states[name]) : text.all}
              </Link>
            ))}
          </TabRow>
          <Card flush>
            <Pages
              query={intents}
              loading={text.loading}
              empty={
                <Empty icon={Telescope} title={state ? text.noneFits : text.none}>
                  {state ? text.noneFitsLead : text.noneLead}
                </Empty>
              }
            >
              {(items: Intent[]) => (
                <ul>
                  {items.map((intent) => (
                    <IntentRow key={intent.id} intent={intent} onOpen={() => open(intent.id)} />
                  ))}
                </ul>
              )}
            </Pages>
          </Card>
        </Below>
      </Below>
      {search.intent && <IntentDrawer key={search.intent} id={search.intent} onClose={() => open(undefined)} />}
    </div>
  );
}

function IntentRow({ intent, onOpen }: { intent: Intent; onOpen: () => void }) {
  return (
    <li className="border-t border-line first:border-t-0">
      <button
        type="button"
        data-intent={intent.name}
        onClick={onOpen}
        className="grid w-full gap-x-5 gap-y-1 px-5 py-3 text-left hover:bg-raised/50 sm:grid-cols-[minmax(0,1fr)_10rem_8rem] sm:items-center"
      >
        <span className="min-w-0">
          <span className="block truncate font-semibold">{intent.name}</span>
          <span className="block text-sm break-words text-soft">{intent.message ?? intent.source_type}</span>
        </span>
        <StatusDot tone={TONES[intent.state]}>{text.states[intent.state]}</StatusDot>
        <time dateTime={intent.updated_at} className="num text-sm text-faint">
          {formatAgo(intent.updated_at, Date.now())}
        </time>
      </button>
    </li>
  );
}
