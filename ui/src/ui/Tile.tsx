// One measured number with its name. What was not measured says so instead of showing a zero.
import { clsx } from "clsx";
import type { ReactNode } from "react";
import { text } from "@/text/parts";

type Props = { label: ReactNode; value: ReactNode; note?: ReactNode; tone?: "good" | "warn" | "bad" };

const TONES = { good: "text-good", warn: "text-warn", bad: "text-bad" };

export function Tile({ label, value, note, tone }: Props) {
  const measured = value !== null && value !== undefined;
  return (
    <div className="flex min-w-0 flex-col rounded-2xl border border-line bg-surface px-5 py-4 shadow-card">
      <dt className="order-2 text-sm break-words text-soft">{label}</dt>
      <dd
        className={clsx(
          "num order-1 leading-tight font-bold",
          measured ? "truncate text-2xl" : "pt-1.5 pb-0.5 text-base text-faint",
          measured && tone && TONES[tone],
        )}
      >
        {measured ? value : text.notMeasured}
      </dd>
      {note && <dd className="order-3 mt-1 text-sm break-words text-faint">{note}</dd>}
    </div>
  );
}

const ACROSS = { 3: "lg:grid-cols-3", 4: "lg:grid-cols-4", 5: "lg:grid-cols-5" };

/** Stands tiles beside one another, so many of them on a wide screen. */
export function Tiles({ children, across = 4 }: { children: ReactNode; across?: keyof typeof ACROSS }) {
  return <dl className={clsx("grid grid-cols-2 gap-3 sm:gap-4", ACROSS[across])}>{children}</dl>;
}
