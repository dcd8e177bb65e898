// "AOS Home": how it stands, what needs a person, and for a newcomer the way to the first unified record.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { connectionsQuery, graphStateQuery } from "@/api/queries";
import { useUser } from "@/api/session";
import type { Connection, GraphState } from "@/api/types";
import { usePageTitle } from "@/lib/usePageTitle";
import { text } from "@/text/home";
import { Below } from "@/ui/Below";
import { Query } from "@/ui/Query";
import { Faq } from "./Faq";
import { FirstRun } from "./FirstRun";
import { Holdings } from "./Holdings";
import { HowItWorks } from "./HowItWorks";
import { LatestRuns } from "./LatestRuns";
import { Needs } from "./Needs";
import { Standing } from "./Standing";

export function HomePage() {
  usePageTitle(text.title);
  const user = useUser();
  const state = useQuery(graphStateQuery);
  const connections = useQuery(connectionsQuery);
  // Whoever was led to the first record is told when it is there, before the page turns to its everyday form.
  const [newcomer, setNewcomer] = useState(false);
  const records = state.data?.nodes.reduce(
    (sum, node) => sum + (node.type === "ontology" ? (node.records ?? 0) : 0),
    0,
  );
  useEffect(() => {
    if (records === 0) setNewcomer(true);
  }, [records]);
  return (
    <div className="grid grid-cols-1 gap-8">
      <Hero name={user?.name || user?.email || ""} />
      <Query query={connections} loading={text.loading} framed>
        {(known) => (
          <Query query={state} loading={text.loading} framed>
            {(graph) => (
              <>
                {(newcomer || records === 0) && <FirstRun connections={known} records={records ?? 0} />}
                {records !== 0 && <Everyday state={graph} connections={known} />}
              </>
            )}
          </Query>
        )}
      </Query>
      <Below>
        <HowItWorks />
        {state.data && connections.data && <Faq state={state.data} connections={connections.data} />}
      </Below>
    </div>
  );
}

function Everyday({ state, connections }: { state: GraphState; connections: Connection[] }) {
  return (
    <>
      <Standing state={state} connections={connections} />
      <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
        <div className="grid grid-cols-1 gap-5">
          <Needs state={state} connections={connections} />
          <Below>
            <Holdings state={state} />
          </Below>
        </div>
        <Below>
          <LatestRuns />
        </Below>
      </div>
    </>
  );
}

function Hero({ name }: { name: string }) {
  return (
    <header className="relative overflow-hidden rounded-3xl border border-line bg-surface px-6 py-8 shadow-card sm:px-10 sm:py-10">
      <Strands />
      <div className="relative max-w-2xl">
        <p className="font-semibold text-soft">{text.hello(name)}</p>
        <h1 className="mt-1 text-3xl font-bold sm:text-4xl">
          <span className="sr-only">{text.title}: </span>
          {text.headline}
        </h1>
        <p className="mt-3 text-soft">{text.lead}</p>
      </div>
    </header>
  );
}

/** The mark, grown large: sources on the left become one picture on the right. */
function Strands() {
  return (
    <svg
      viewBox="0 0 320 200"
      preserveAspectRatio="xMaxYMid slice"
      aria-hidden="true"
      className="absolute inset-y-0 right-0 h-full w-1/2 [mask-image:linear-gradient(90deg,transparent,#000_70%)] opacity-35 max-lg:hidden"
    >
      <g fill="none" strokeWidth="9" strokeLinecap="round">
        <path d="M-20 25c170 0 170 75 360 75" stroke="var(--source)" />
        <path d="M-20 62c150 0 170 38 360 38" stroke="var(--source)" opacity="0.6" />
        <path d="M-20 100h360" stroke="var(--ontology)" />
        <path d="M-20 138c150 0 170-38 360-38" stroke="var(--agent)" opacity="0.6" />
        <path d="M-20 175c170 0 170-75 360-75" stroke="var(--agent)" />
      </g>
    </svg>
  );
}
