// "AOS Ontology": choose sources and agents, run, watch, and see the picture.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { useState } from "react";
import { agentsQuery, connectionsQuery, graphStateQuery } from "@/api/queries";
import type { GraphState } from "@/api/types";
import { formatCompact, formatConfidence } from "@/lib/format";
import { text } from "@/text/connect";
import { Card } from "@/ui/Card";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { Empty, Failure, Loading } from "@/ui/States";
import { GraphPanel } from "./GraphPanel";
import { MemoryCard } from "./MemoryCard";
import { Narration } from "./Narration";
import { PreviewDrawer } from "./PreviewDrawer";
import { RunPanel } from "./RunPanel";
import { useLayoutWorker } from "./sankey/useLayout";
import { nodeOf, usePicture } from "./usePicture";

/** The picture is about as high as so many rows. */
const PICTURE_ROWS = 18;

export function ConnectPage() {
  const navigate = useNavigate();
  const state = useQuery(graphStateQuery);
  const connections = useQuery(connectionsQuery);
  const agents = useQuery(agentsQuery);
  const [previewed, setPreviewed] = useState<string | null>(null);
  useLayoutWorker();
  const picture = usePicture(state.data);
  const node = state.data?.nodes.find((candidate) => candidate.id === previewed);
  const chosenReady = connections.data && agents.data && state.data;

  return (
    <div className="grid grid-cols-1 gap-6">
      <PageHeader title={text.aosOntology} aside={state.data && <GraphFigures state={state.data} />}>
        {text.everyFieldOfEverySourceMapped}
      </PageHeader>
      <div className="grid grid-cols-1 items-start gap-5 xl:grid-cols-[21rem_minmax(0,1fr)]">
        <Card flush>
          {chosenReady ? (
            <RunPanel
              connections={connections.data}
              agents={agents.data.items}
              state={state.data}
              onAdd={() => void navigate({ to: "/connections", search: { add: "choose" } })}
            />
          ) : connections.isError || agents.isError ? (
            <Failure
              error={connections.error ?? agents.error}
              retry={() => void Promise.all([connections.refetch(), agents.refetch()])}
            />
          ) : (
            <Loading label={text.loadingSourcesAndAgents} rows={8} />
          )}
        </Card>
        <div className="grid min-w-0 gap-5">
          <Card flush>
            <Query query={state} loading={text.loadingThePicture} rows={PICTURE_ROWS}>
              {(graph) =>
                graph.nodes.length > 0 ? (
                  <GraphPanel state={graph} picture={picture} onPreview={(id) => setPreviewed(nodeOf(id))} />
                ) : (
                  <Empty icon={Workflow} title={text.nothingIsConnectedYet}>
                    {connections.data?.length === 0 ? text.addAFolderOfExportsAs : text.tickTheSourcesYouWantAnd}
                  </Empty>
                )
              }
            </Query>
          </Card>
          <Narration />
          <MemoryCard />
        </div>
      </div>
      {node && <PreviewDrawer node={node} picture={picture} onClose={() => setPreviewed(null)} />}
    </div>
  );
}

function GraphFigures({ state }: { state: GraphState }) {
  const entities = state.nodes.filter((node) => node.type === "ontology");
  if (entities.length === 0) return null;
  const records = entities.reduce((sum, entity) => sum + (entity.records ?? 0), 0);
  return (
    <Figures
      items={[
        { label: text.sources, value: state.nodes.filter((node) => node.type === "source_parent").length },
        { label: text.entities, value: entities.length },
        { label: text.unifiedRecords, value: formatCompact(records) },
        { label: text.meanConfidence, value: state.confidence == null ? "–" : formatConfidence(state.confidence) },
      ]}
    />
  );
}
