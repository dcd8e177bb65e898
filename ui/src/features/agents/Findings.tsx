// What pilots found. Open findings come like a good inbox: what has the most at stake first, and everything by its kind; resolved ones as a list.
import { useQuery } from "@tanstack/react-query";
import { SearchCheck } from "lucide-react";
import { useState } from "react";
import type { Finding, RegisteredAgent } from "@/api/types";
import { text } from "@/text/agents";
import { Card } from "@/ui/Card";
import { inputClass } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { FindingDrawer } from "./FindingDrawer";
import { FindingGroups } from "./FindingGroups";
import { FindingList, FindingRows } from "./FindingRows";
import { findingGroupsQuery, topFindingsQuery } from "./queries";

const STATES = ["open", "resolved"] as const;

export function Findings({ agents }: { agents: RegisteredAgent[] }) {
  const [state, setState] = useState<(typeof STATES)[number]>("open");
  const [agent, setAgent] = useState<string>();
  const [shown, setShown] = useState<Finding | null>(null);
  const pilots = agents.filter(({ kind }) => kind === "pilot");
  return (
    <Card
      flush
      title={text.findings}
      aside={
        <select
          aria-label={text.byAgent}
          className={`${inputClass} min-h-9 text-sm sm:w-48`}
          value={agent ?? ""}
          onChange={(event) => setAgent(event.target.value || undefined)}
        >
          <option value="">{text.allAgents}</option>
          {pilots.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      }
    >
      <div className="px-5 pb-2">
        <TabRow label={text.stateNavigation} chosen={state}>
          {STATES.map((name) => (
            <button
              key={name}
              type="button"
              data-tab={name}
              aria-pressed={name === state}
              className={tabClass(name === state)}
              onClick={() => setState(name)}
            >
              {text.states[name]}
            </button>
          ))}
        </TabRow>
      </div>
      {state === "open" ? (
        <Open agent={agent} agents={pilots} onOpen={setShown} />
      ) : (
        <FindingList filter={{ state, agent }} empty={<NothingFound />} onOpen={setShown} />
      )}
      {shown && <FindingDrawer found={shown} onClose={() => setShown(null)} />}
    </Card>
  );
}

type OpenProps = { agent: string | undefined; agents: RegisteredAgent[]; onOpen: (finding: Finding) => void };

function Open({ agent, agents, onOpen }: OpenProps) {
  const top = useQuery(topFindingsQuery(agent));
  const groups = useQuery(findingGroupsQuery);
  return (
    <Query query={groups} loading={text.findingsLoading} rows={8}>
      {({ items }) => {
        const listed = items.filter((group) => agent === undefined || group.agent === agent);
        if (listed.length === 0) return <NothingFound />;
        const findings = listed.reduce((sum, group) => sum + group.findings, 0);
        return (
          <Query query={top} loading={text.findingsLoading} rows={8}>
            {({ items: first }) => (
              <>
                <p className="px-5 pb-3 text-sm text-soft">{text.openInAll(findings, listed.length)}</p>
                {findings > first.length && (
                  <>
                    <h3 className="px-5 pb-2 font-bold">{text.top}</h3>
                    <FindingRows findings={first} onOpen={onOpen} />
                    <h3 className="border-t border-line px-5 pt-5 pb-2 font-bold">{text.byKind}</h3>
                  </>
                )}
                <FindingGroups
                  key={agent}
                  groups={listed}
                  agents={agents}
                  unfolded={findings <= first.length}
                  onOpen={onOpen}
                />
              </>
            )}
          </Query>
        );
      }}
    </Query>
  );
}

function NothingFound() {
  return (
    <Empty icon={SearchCheck} title={text.findingsNone}>
      {text.findingsNoneLead}
    </Empty>
  );
}
