// One item of the queue: what it is about, how bad it is, and how sure the proposal.
import { clsx } from "clsx";
import type { Review } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { text } from "@/text/review";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";

type Props = { item: Review; chosen: boolean; onChoose: () => void };

export function QueueRow({ item, chosen, onChoose }: Props) {
  return (
    <li className="border-t border-line">
      <button
        type="button"
        data-review={item.id}
        aria-current={chosen || undefined}
        onClick={onChoose}
        className={clsx("grid w-full gap-1.5 px-5 py-3 text-left", chosen ? "bg-raised" : "hover:bg-raised/50")}
      >
        <span className="font-semibold break-words">{item.title}</span>
        <span className="flex flex-wrap items-center gap-2 text-sm">
          <SeverityBadge severity={item.severity} />
          {item.confidence != null && <Confidence value={item.confidence} />}
          <time dateTime={item.created_at} className="ml-auto text-faint">
            {formatAgo(item.created_at, Date.now())}
          </time>
        </span>
      </button>
    </li>
  );
}

export function SeverityBadge({ severity }: { severity: string }) {
  return (
    <Badge tone={severity === "breaking" ? "bad" : severity === "risky" ? "warn" : "neutral"}>
      {text.severity[severity] ?? severity}
    </Badge>
  );
}
