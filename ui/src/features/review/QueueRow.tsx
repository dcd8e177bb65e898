// One item of the queue: what it is about in words, how bad it is, and how sure the proposal.
import { clsx } from "clsx";
import type { Review } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { text } from "@/text/review";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { ENTITY_PAIR, pairOf } from "./pair";
import { titleOf } from "./titleOf";

type Props = {
  item: Review;
  chosen: boolean;
  onChoose: () => void;
  /** Whether it is marked to be decided with others; undefined where nobody decides. */
  marked: boolean | undefined;
  onMark: () => void;
};

export function QueueRow({ item, chosen, onChoose, marked, onMark }: Props) {
  const { left, right } = pairOf(item.payload);
  return (
    <li className={clsx("flex items-start border-t border-line", chosen ? "bg-raised" : "hover:bg-raised/50")}>
      {marked !== undefined && (
        <label className="grid min-h-11 shrink-0 cursor-pointer place-items-center pt-1 pl-5">
          <span className="sr-only">{text.many.mark(titleOf(item))}</span>
          <input type="checkbox" checked={marked} onChange={onMark} className="size-4 accent-[var(--accent)]" />
        </label>
      )}
      <button
        type="button"
        data-review={item.id}
        aria-current={chosen || undefined}
        onClick={onChoose}
        className={clsx("grid min-w-0 flex-1 gap-1.5 py-3 pr-5 text-left", marked === undefined ? "pl-5" : "pl-3")}
      >
        <span className="line-clamp-3 font-semibold break-words">
          <bdi>{titleOf(item)}</bdi>
        </span>
        <span className="flex flex-wrap items-center gap-2 text-sm">
          {item.kind === ENTITY_PAIR ? (
            <span className="min-w-0 truncate text-source">{text.between(left.source, right.source)}</span>
          ) : (
            <SeverityBadge severity={item.severity} />
          )}
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
