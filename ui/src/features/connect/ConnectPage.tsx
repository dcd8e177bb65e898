// "AOS Ontology": choose sources and agents, run, watch, and see the picture.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { useRef, useState } from "react";
import { agentsQuery, connectionsQuery, flagsQuery, graphStateQuery } from "@/api/queries";
import type { Connection, FieldLineage, GraphNode, GraphState } from "@/api/types";
import { formatCompact, formatConfidence } from "@/lib/format";
import { text } from "@/text/connect";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { SamplesButton } from "@/ui/SamplesButton";
import { Empty, Failure, Loading } from "@/ui/States";
import { GraphPanel } from "./GraphPanel";
import { MemoryCard } from "./MemoryCard";
import { LIVE_ONLY_FLAG } from "./modeQueries";
import { Narration } from "./Narration";
import { NoSources } from "./NoSources";
import { PictureTables } from "./PictureTables";
import { PreviewDrawer } from "./PreviewDrawer";
import { RunModes } from "./RunModes";
import { RunPanel } from "./RunPanel";
import { useLayoutWorker } from "./sankey/useLayout";
import { nodeOf, usePicture } from "./usePicture";

/** The picture is about as high as so many rows. */
const PICTURE_ROWS = 18;
/** Screens on which the picture stands beside the choice of sources: the same as xl: below. */
const WIDE = "(min-width: 80rem)";
/** What reads files; everything else is a live source. */
const FILE_CONNECTOR = "file";

export function ConnectPage() {
  const navigate = useNavigate();
  const state = useQuery(graphStateQuery);
  const connections = useQuery(connectionsQuery);
  const agents = useQuery(agentsQuery);
  const flags = useQuery(flagsQuery);
  const liveOnly = flags.data?.items.find(({ name }) => name === LIVE_ONLY_FLAG)?.value === true;
  const place = useRef<HTMLDivElement>(null);
  const [previewed, setPreviewed] = useState<string | null>(null);
  useLayoutWorker();
  const picture = usePicture(state.data);
  const node = state.data?.nodes.find((candidate) => candidate.id === previewed);
  const chosenReady = connections.data && agents.data && state.data && !flags.isPending;
  const add = () => void navigate({ to: "/connections", search: { add: "choose" } });
  const show = ({ entity, field }: FieldLineage) => {
    picture.showField(entity, field);
    place.current?.scrollIntoView({ block: "start" });
  };

  return (
    <div className="grid grid-cols-1 gap-6">
      <PageHeader title={text.aosOntology} aside={<GraphFigures state={state.data} />}>
        {text.everyFieldOfEverySourceMapped}
      </PageHeader>
      <div className="grid grid-cols-1 items-start gap-5 xl:grid-cols-[21rem_minmax(0,1fr)]">
        <Card flush>
          {chosenReady ? (
            <RunPanel
              key={String(liveOnly)}
              connections={liveOnly ? connections.data.filter(isLive) : connections.data}
              agents={agents.data.items}
              state={state.data}
              onAdd={add}
              modes={<RunModes />}
              none={<NoSources liveOnly={liveOnly} onAdd={add} />}
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
        <Below
          besideOn={WIDE}
          meanwhile={
            <Card flush className="max-xl:hidden">
              <Loading label={text.loadingThePicture} rows={PICTURE_ROWS} />
            </Card>
          }
        >
          <div className="grid min-w-0 gap-5">
            <div ref={place} className="min-w-0 scroll-mt-20">
              <Card flush>
                <Query query={state} loading={text.loadingThePicture} rows={PICTURE_ROWS}>
                  {(graph) =>
                    graph.nodes.length > 0 ? (
                      <GraphPanel state={graph} picture={picture} onPreview={(id) => setPreviewed(nodeOf(id))} />
                    ) : (
                      <Empty
                        icon={Workflow}
                        title={text.nothingIsConnectedYet}
                        action={connections.data?.length === 0 && <SamplesButton />}
                      >
                        {connections.data?.length === 0 ? text.addAFolderOfExportsAs : text.tickTheSourcesYouWantAnd}
                      </Empty>
                    )
                  }
                </Query>
              </Card>
            </div>
            <Narration />
          </div>
        </Below>
      </div>
      <Below>
        <PictureTables onShow={show} />
        <MemoryCard />
      </Below>
      {node && <PreviewDrawer node={node} picture={picture} onClose={() => setPreviewed(null)} />}
    </div>
  );
}

const isLive = ({ connector }: Connection) => connector !== FILE_CONNECTOR;

function GraphFigures({ state }: { state: GraphState | undefined }) {
  const of = (type: GraphNode["type"]) => state?.nodes.filter((node) => node.type === type);
  const entities = of("ontology");
  const records = entities?.reduce((sum, entity) => sum + (entity.records ?? 0), 0);
  const confidence = state && (state.confidence == null ? "–" : formatConfidence(state.confidence));
  return (
    <Figures
      items={[
        { label: text.sources, value: of("source_parent")?.length },
        { label: text.entities, value: entities?.length },
        { label: text.unifiedRecords, value: records === undefined ? undefined : formatCompact(records) },
        { label: text.meanConfidence, value: confidence },
      ]}
    />
  );
}
