// Says that what is shown may be old, while the live connection is away for good.
import { CloudOff } from "lucide-react";
import { live, useLiveStatus } from "@/api/socket";
import { text } from "@/text/app";

export function OfflineNote() {
  const status = useLiveStatus();
  if (status !== "offline") return null;
  return (
    <div role="status" className="border-b border-warn/40 bg-warn/10">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm sm:px-6">
        <CloudOff aria-hidden="true" className="size-4 shrink-0 text-warn" />
        {text.offline}
        <button
          type="button"
          onClick={live.retryNow}
          className="min-h-8 font-semibold text-accent underline underline-offset-4"
        >
          {text.retry}
        </button>
      </p>
    </div>
  );
}
