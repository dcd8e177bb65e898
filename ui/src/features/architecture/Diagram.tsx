// The drawing: the way of an event above, what carries it below. Each part is a button with its state in it.
import { clsx } from "clsx";
import { ChevronRight } from "lucide-react";
import { Fragment } from "react";
import { text } from "@/text/architecture";
import { StatusDot, type StatusTone } from "@/ui/StatusDot";
import { factsOf, type Known, LOWER, type PartName, type PartStatus, statusOf, UPPER } from "./parts";

const TONES: Record<PartStatus, StatusTone> = { ok: "good", degraded: "warn", unavailable: "bad", unknown: "idle" };

type Props = { known: Known; chosen: PartName; onChoose: (part: PartName) => void };

export function Diagram({ known, chosen, onChoose }: Props) {
  const box = (part: PartName) => (
    <PartBox key={part} part={part} known={known} chosen={part === chosen} onChoose={() => onChoose(part)} />
  );
  return (
    <section aria-label={text.diagram} className="grid gap-3">
      <p className="text-sm text-soft">
        {text.flow} {text.choose}
      </p>
      <div className="grid items-stretch gap-2 lg:grid-cols-[1fr_auto_1fr_auto_1fr_auto_1fr_auto_1fr]">
        {UPPER.map((part, index) => (
          <Fragment key={part}>
            {index > 0 && (
              <ChevronRight
                aria-hidden="true"
                className="size-5 self-center justify-self-center text-faint max-lg:rotate-90"
              />
            )}
            {box(part)}
          </Fragment>
        ))}
      </div>
      <div aria-hidden="true" className="mx-auto h-5 w-px bg-line-strong" />
      <div className="grid gap-2 rounded-2xl border border-dashed border-line-strong p-2 sm:grid-cols-2 lg:grid-cols-4">
        {LOWER.map(box)}
      </div>
    </section>
  );
}

type BoxProps = { part: PartName; known: Known; chosen: boolean; onChoose: () => void };

function PartBox({ part, known, chosen, onChoose }: BoxProps) {
  const status = statusOf(part, known);
  const fact = factsOf(part, known)[0];
  return (
    <button
      type="button"
      data-part={part}
      data-status={status}
      aria-pressed={chosen}
      onClick={onChoose}
      className={clsx(
        "grid min-w-0 content-start gap-1.5 rounded-2xl border bg-bg/40 px-4 py-3.5 text-left transition-colors hover:border-line-strong hover:bg-raised/60",
        chosen ? "border-accent" : "border-line",
      )}
    >
      <span className="font-bold">{text.parts[part][0]}</span>
      {status !== "unknown" && (
        <span className="text-sm text-soft">
          <StatusDot tone={TONES[status]} live={part === "agents" && status === "ok"}>
            {text.status[status]}
          </StatusDot>
        </span>
      )}
      {fact && (
        <span className="num truncate text-sm text-faint">
          {fact[0]}: {fact[1]}
        </span>
      )}
    </button>
  );
}
