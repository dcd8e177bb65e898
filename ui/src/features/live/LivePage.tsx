// "AOS Live Flow": the five lanes, their controls, and the events in words.
import { Activity } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useLiveStatus } from "@/api/socket";
import { useConnectAll } from "@/api/useConnectAll";
import { text } from "@/text/live";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Empty, Failure, Loading } from "@/ui/States";
import { StatusDot } from "@/ui/StatusDot";
import { toast } from "@/ui/toasts";
import { EventTable } from "./EventTable";
import { FlowControls } from "./FlowControls";
import { type FlowFilter, fits, sumsOf } from "./flow";
import { flowStore, useCaughtUp, useFlowEvents } from "./flowStore";
import { LaneCanvas } from "./LaneCanvas";
import { LaneSums } from "./LaneSums";
import { useClock } from "./useClock";

export function LivePage() {
  const status = useLiveStatus();
  const all = useFlowEvents();
  const caughtUp = useCaughtUp();
  const [filter, setFilter] = useState<FlowFilter>({});
  const [speed, setSpeed] = useState(1);
  const { mode, clock, moving, pause, goLive, replay } = useClock(speed);
  const events = useMemo(() => all.filter((event) => fits(event, filter)), [all, filter]);
  const sums = useMemo(() => sumsOf(events), [events]);
  const sources = useMemo(() => [...new Set(all.map((event) => event.source))].filter(Boolean).sort(), [all]);

  useEffect(() => {
    void flowStore.catchUp();
  }, []);

  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader
        title={text.title}
        aside={
          <StatusDot
            tone={status !== "live" ? "warn" : mode.kind === "live" ? "good" : "idle"}
            live={status === "live" && mode.kind === "live"}
          >
            {status === "live" ? text.modes[mode.kind] : text.waiting}
          </StatusDot>
        }
      >
        {text.lead}
      </PageHeader>
      {all.length === 0 ? (
        <Card flush>
          {typeof caughtUp === "object" ? (
            <Failure error={caughtUp.failed} retry={() => void flowStore.catchUp()} />
          ) : caughtUp === "read" ? (
            <Empty icon={Activity} title={text.none} action={<RunButton />}>
              {text.noneLead}
            </Empty>
          ) : (
            <Loading label={text.loading} rows={8} />
          )}
        </Card>
      ) : (
        <>
          <Card flush>
            <FlowControls
              filter={filter}
              onFilter={setFilter}
              speed={speed}
              onSpeed={setSpeed}
              sources={sources}
              mode={mode}
              firstMs={events[0]?.atMs}
              onPause={pause}
              onLive={goLive}
              onReplay={replay}
            />
            <div className="grid px-5 py-4 lg:grid-cols-[13rem_minmax(0,1fr)]">
              <LaneSums sums={sums} />
              <LaneCanvas events={events} clock={clock} speed={mode.kind === "replay" ? 1 : speed} moving={moving} />
            </div>
          </Card>
          <Card title={text.log} flush>
            <EventTable events={events} />
          </Card>
        </>
      )}
    </div>
  );
}

function RunButton() {
  const run = useConnectAll();
  return (
    <Button
      tone="primary"
      disabled={run.isPending}
      onClick={() => run.mutate(null, { onSuccess: () => toast.done(text.runDone), onError: toast.failed })}
    >
      {run.isPending ? text.running : text.run}
    </Button>
  );
}
