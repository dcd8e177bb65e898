// Pause, speed, filters, and the way back in time.
import { Pause, Play, Radio } from "lucide-react";
import { formatClock } from "@/lib/format";
import { text } from "@/text/live";
import { Button } from "@/ui/Button";
import { inputClass } from "@/ui/Field";
import { type FlowFilter, LANES, type Lane } from "./flow";
import type { Mode } from "./useClock";

const SPEEDS = [0.5, 1, 2, 10];
const MINUTES_BACK = [1, 5, 30, 120];
const selectClass = `${inputClass} min-h-9 min-w-0 text-sm sm:w-auto`;

type Props = {
  filter: FlowFilter;
  onFilter: (filter: FlowFilter) => void;
  speed: number;
  onSpeed: (speed: number) => void;
  sources: string[];
  mode: Mode;
  /** When the oldest event that is kept happened. */
  firstMs: number | undefined;
  onPause: () => void;
  onLive: () => void;
  onReplay: (fromMs: number) => void;
};

export function FlowControls(props: Props) {
  const { filter, onFilter, speed, onSpeed, sources, mode, firstMs, onPause, onLive, onReplay } = props;
  const back = (minutes: number) => Math.max(Date.now() - minutes * 60_000, firstMs ?? 0);
  return (
    <section
      aria-label={text.controls}
      className="grid grid-cols-2 items-center gap-2 border-b border-line px-5 py-3 sm:flex sm:flex-wrap"
    >
      {mode.kind === "live" ? (
        <Button small onClick={onPause}>
          <Pause aria-hidden="true" className="size-4" /> {text.pause}
        </Button>
      ) : (
        <Button small tone="primary" onClick={onLive}>
          {mode.kind === "paused" ? (
            <Play aria-hidden="true" className="size-4" />
          ) : (
            <Radio aria-hidden="true" className="size-4" />
          )}{" "}
          {text.backToLive}
        </Button>
      )}
      <select
        aria-label={text.speed}
        className={selectClass}
        value={speed}
        onChange={(event) => onSpeed(Number(event.target.value))}
      >
        {SPEEDS.map((value) => (
          <option key={value} value={value}>
            {value} ×
          </option>
        ))}
      </select>
      <select
        aria-label={text.replayFrom}
        className={selectClass}
        value=""
        onChange={(event) => event.target.value && onReplay(Number(event.target.value))}
      >
        <option value="">{text.replay}…</option>
        {firstMs !== undefined && (
          <option value={firstMs}>{`${text.replayFrom} ${formatClock(new Date(firstMs).toISOString())}`}</option>
        )}
        {MINUTES_BACK.filter((minutes) => firstMs !== undefined && Date.now() - minutes * 60_000 > firstMs).map(
          (minutes) => (
            <option key={minutes} value={back(minutes)}>
              {text.minutesBack(minutes)}
            </option>
          ),
        )}
      </select>
      <select
        aria-label={text.source}
        className={selectClass}
        value={filter.source ?? ""}
        onChange={(event) => onFilter({ ...filter, source: event.target.value || undefined })}
      >
        <option value="">{text.allSources}</option>
        {sources.map((source) => (
          <option key={source} value={source}>
            {source}
          </option>
        ))}
      </select>
      <select
        aria-label={text.stage}
        className={selectClass}
        value={filter.lane ?? ""}
        onChange={(event) => onFilter({ ...filter, lane: (event.target.value || undefined) as Lane | undefined })}
      >
        <option value="">{text.allStages}</option>
        {LANES.map((lane) => (
          <option key={lane} value={lane}>
            {text.lanes[lane][0]}
          </option>
        ))}
      </select>
    </section>
  );
}
