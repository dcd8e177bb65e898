// "AOS Agents": the switch for all of them, each with how far it may go, what they found, and what they ask leave for.
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import { flagsQuery, registeredAgentsQuery } from "@/api/queries";
import { text } from "@/text/agents";
import { Below } from "@/ui/Below";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ConfirmDialog } from "@/ui/Dialog";
import { PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { Switch } from "@/ui/Switch";
import { toast } from "@/ui/toasts";
import { AddAgent } from "./AddAgent";
import { AgentCard } from "./AgentCard";
import { Findings } from "./Findings";
import { McpCard } from "./McpCard";
import { Proposals } from "./Proposals";
import { AGENTS_FLAG, useSwitchAgents } from "./queries";

export function AgentsPage() {
  const agents = useQuery(registeredAgentsQuery);
  const manages = useMay("agents:manage") === true;
  const [adding, setAdding] = useState(false);
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader
        title={text.title}
        aside={
          manages && (
            <Button small onClick={() => setAdding(true)}>
              <Plus aria-hidden="true" className="size-4" /> {text.add}
            </Button>
          )
        }
      >
        {text.lead}
      </PageHeader>
      <Query query={agents} loading={text.loading} framed>
        {({ items }) => (
          <>
            <MainSwitch />
            <div className="grid items-start gap-5 lg:grid-cols-2">
              {items.map((agent) => (
                <AgentCard key={agent.id} agent={agent} />
              ))}
            </div>
          </>
        )}
      </Query>
      <Below>
        <Proposals />
        <Below>
          <Findings agents={agents.data?.items ?? []} />
          <Below>
            <McpCard />
          </Below>
        </Below>
      </Below>
      {adding && <AddAgent onClose={() => setAdding(false)} />}
    </div>
  );
}

/** The switch that stops all agents. Stopping asks first; starting does not. */
function MainSwitch() {
  const flags = useQuery(flagsQuery);
  const on = flags.data?.items.find((flag) => flag.name === AGENTS_FLAG)?.value;
  const writes = useMay("flags:write") === true;
  const change = useSwitchAgents();
  const [asking, setAsking] = useState(false);
  const shown = change.isPending ? change.variables : on;
  const set = (value: boolean) =>
    change.mutate(value, {
      onSuccess: () => toast.done(value ? text.switchedOn : text.switchedOff),
      onError: toast.failed,
      onSettled: () => setAsking(false),
    });
  return (
    <Card>
      <div className="flex items-center justify-between gap-5">
        <div>
          <h2 className="font-bold">{text.switch}</h2>
          <p id="agents-switch" className="text-sm text-soft">
            {text.switchLead}
          </p>
        </div>
        {shown !== undefined && (
          <Switch
            label={text.switch}
            describedBy="agents-switch"
            checked={shown}
            disabled={!writes || change.isPending}
            onChange={(value) => (value ? set(true) : setAsking(true))}
          />
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title={text.stopTitle}
          confirm={text.stop}
          busy={change.isPending}
          onConfirm={() => set(false)}
          onClose={() => setAsking(false)}
        >
          {text.stopLead}
        </ConfirmDialog>
      )}
    </Card>
  );
}
