// Whether what the page shows is live. Shape and word change with the colour.
import { clsx } from "clsx";
import { type LiveStatus, live, useLiveStatus } from "@/api/socket";
import { text } from "@/text/app";

const DOTS: Record<LiveStatus, string> = {
  connecting: "border-2 border-faint",
  live: "bg-good",
  reconnecting: "border-2 border-warn",
  offline: "rounded-[3px] bg-bad",
};

export function LiveDot() {
  const status = useLiveStatus();
  const [label, hint] = text.live[status];
  return (
    <button
      type="button"
      title={hint}
      disabled={status === "live" || status === "connecting"}
      onClick={live.retryNow}
      className="flex min-h-10 items-center gap-2 rounded-xl px-2.5 text-sm sm:min-w-32 sm:justify-end font-semibold text-soft enabled:hover:bg-raised disabled:cursor-default"
    >
      <span aria-hidden="true" className={clsx("size-2.5 rounded-full", DOTS[status])} />
      <span aria-live="polite" className="max-sm:sr-only">
        {label}
      </span>
    </button>
  );
}
