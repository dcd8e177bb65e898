// "AOS Connections": the mesh at a glance, every connection, what happened, and the way to add one.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Cable, Plus } from "lucide-react";
import { useEffect } from "react";
import { useMay } from "@/api/permissions";
import { connectionsQuery, meshMetricsQuery } from "@/api/queries";
import type { Connection } from "@/api/types";
import { text } from "@/text/connections";
import { Below } from "@/ui/Below";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { SamplesButton } from "@/ui/SamplesButton";
import { Empty } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { AccountsCard } from "./AccountsCard";
import { AddConnection } from "./AddConnection";
import { AlertsCard } from "./AlertsCard";
import { ConnectionDrawer } from "./ConnectionDrawer";
import { ConnectionsTable } from "./ConnectionsTable";
import { EventsCard } from "./EventsCard";
import { MeshFlow } from "./MeshFlow";
import { MeshTiles } from "./MeshTiles";
import { SamplesNote } from "./SamplesNote";

const route = getRouteApi("/shell/connections");

export function ConnectionsPage() {
  const { connection: opened, add, asset, consent } = route.useSearch();
  const navigate = route.useNavigate();
  const connections = useQuery(connectionsQuery);
  const writes = useMay("connections:write") === true;
  const go = (search: { connection?: string; add?: string }) => void navigate({ search, resetScroll: false });
  useEffect(() => {
    if (!consent) return;
    // The way back from a service says how it went, once.
    if (consent === "given") toast.done(text.consent.given);
    else toast.failed(new Error(text.consent.refused(consent)));
    void navigate({ search: { connection: opened }, replace: true });
  }, [consent, opened, navigate]);
  const addButton = writes && (
    <Button tone="primary" onClick={() => go({ add: "choose" })}>
      <Plus aria-hidden="true" className="size-4" /> {text.add}
    </Button>
  );
  const one = connections.data?.find((candidate) => candidate.id === opened);

  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title} aside={addButton}>
        {text.lead}
      </PageHeader>
      <Query query={connections} loading={text.loading} framed>
        {(known) =>
          known.length === 0 ? (
            <Card>
              <Empty
                icon={Cable}
                title={text.none}
                action={
                  <span className="flex flex-wrap justify-center gap-3">
                    <SamplesButton />
                    {addButton}
                  </span>
                }
              >
                {text.noneLead}
              </Empty>
            </Card>
          ) : (
            <Mesh connections={known} onOpen={(connection) => go({ connection })} />
          )
        }
      </Query>
      {one && <ConnectionDrawer key={one.id} connection={one} onClose={() => go({})} />}
      {add && (
        <AddConnection first={add} asset={asset} onClose={() => go({})} onAdded={(connection) => go({ connection })} />
      )}
    </div>
  );
}

function Mesh({ connections, onOpen }: { connections: Connection[]; onOpen: (id: string) => void }) {
  const metrics = useQuery(meshMetricsQuery);
  const nameOf = (id: string) => connections.find((connection) => connection.id === id)?.name ?? id;
  return (
    <>
      <SamplesNote />
      <Below>
        <MeshFlow connections={connections} />
        <Query query={metrics} loading={text.loading} framed>
          {(sums) => <MeshTiles metrics={sums} />}
        </Query>
        <ConnectionsTable connections={connections} onOpen={onOpen} />
        <div className="grid items-start gap-5 xl:grid-cols-[24rem_minmax(0,1fr)]">
          <div className="grid gap-5">
            {metrics.data && <AlertsCard alerts={metrics.data.alerts} nameOf={nameOf} onOpen={onOpen} />}
            {metrics.data && metrics.data.accounts.length > 0 && <AccountsCard accounts={metrics.data.accounts} />}
          </div>
          <EventsCard connection={null} nameOf={nameOf} />
        </div>
      </Below>
    </>
  );
}
