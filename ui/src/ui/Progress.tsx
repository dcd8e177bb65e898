// A bar that shows measured progress only.
import { clsx } from "clsx";

type Props = { label: string; percent: number; tone?: "accent" | "good" | "bad"; slim?: boolean };

const TONES = { accent: "bg-accent", good: "bg-good", bad: "bg-bad" };

export function Progress({ label, percent, tone = "accent", slim = false }: Props) {
  const width = Math.min(100, Math.max(0, percent));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(width)}
      className={clsx("overflow-hidden rounded-full bg-line", slim ? "h-1" : "h-2")}
    >
      <div
        className={clsx("h-full rounded-full transition-[width] duration-200", TONES[tone])}
        style={{ width: `${width}%` }}
      />
    </div>
  );
}
