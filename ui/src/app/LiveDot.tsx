// Whether what the page shows is live. Shape and word change with the colour.
import { clsx } from "clsx";
import { type LiveStatus, live, useLiveStatus } from "@/api/socket";

const LOOK: Record<LiveStatus, { label: string; hint: string; dot: string }> = {
  connecting: { label: "Connecting", hint: "Opening the live connection.", dot: "border-2 border-faint" },
  live: { label: "Live", hint: "Changes appear as they happen.", dot: "bg-good" },
  reconnecting: {
    label: "Reconnecting",
    hint: "The live connection was lost; trying again.",
    dot: "border-2 border-warn",
  },
  offline: { label: "Offline", hint: "No live connection. Press to try again now.", dot: "rounded-[3px] bg-bad" },
};

export function LiveDot() {
  const status = useLiveStatus();
  const look = LOOK[status];
  return (
    <button
      type="button"
      title={look.hint}
      disabled={status === "live" || status === "connecting"}
      onClick={live.retryNow}
      className="flex min-h-10 items-center gap-2 rounded-xl px-2.5 text-sm font-semibold text-soft enabled:hover:bg-raised disabled:cursor-default"
    >
      <span aria-hidden="true" className={clsx("size-2.5 rounded-full", look.dot)} />
      <span aria-live="polite" className="max-sm:sr-only">
        {look.label}
      </span>
    </button>
  );
}
