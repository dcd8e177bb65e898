// How something is, as a dot with its word beside it. It pulses only where `live` says that news really arrive.
import { clsx } from "clsx";
import type { ReactNode } from "react";

export type StatusTone = "good" | "warn" | "bad" | "idle";

const SHAPES: Record<StatusTone, string> = {
  good: "rounded-full bg-good",
  warn: "rotate-45 rounded-[2px] bg-warn",
  bad: "rounded-[3px] bg-bad",
  idle: "rounded-full border-2 border-faint",
};

type Props = { tone: StatusTone; children: ReactNode; live?: boolean; title?: string };

export function StatusDot({ tone, children, live = false, title }: Props) {
  return (
    <span title={title} className="inline-flex min-w-0 items-center gap-2">
      <span aria-hidden="true" className="relative grid size-2.5 shrink-0 place-items-center">
        {live && (
          <span className="absolute size-2.5 rounded-full bg-good/60 motion-safe:animate-[pulse-out_1.8s_ease-out_infinite]" />
        )}
        <span className={clsx("size-2.5", SHAPES[tone])} />
      </span>
      <span className="min-w-0 truncate">{children}</span>
    </span>
  );
}
