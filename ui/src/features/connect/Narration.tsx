// The run's own account of what it does, newest line in view.
import { clsx } from "clsx";
import { useEffect, useRef } from "react";
import { formatClock } from "@/lib/format";
import { text } from "@/text/connect";
import { Card } from "@/ui/Card";
import { useRunProgress } from "./runStore";

const LEVELS: Record<string, string> = { warn: "text-warn", warning: "text-warn", error: "text-bad" };

export function Narration() {
  const log = useRunProgress()?.log ?? [];
  const end = useRef<HTMLDivElement>(null);
  const last = log.at(-1)?.key;

  useEffect(() => {
    const box = end.current;
    if (box && last) box.scrollTop = box.scrollHeight;
  }, [last]);

  return (
    <Card title={text.narration} flush>
      <div
        ref={end}
        role="log"
        aria-label={text.narrationOfTheRun}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        className="max-h-64 overflow-y-auto px-5 pb-4 text-sm"
      >
        {log.length === 0 ? (
          <p className="text-faint">{text.startARunToFollowIt}</p>
        ) : (
          <ol className="grid gap-1.5">
            {log.map((line) => (
              <li key={line.key} className="flex gap-3">
                <time dateTime={line.at} className="num shrink-0 text-faint">
                  {formatClock(line.at)}
                </time>
                <span className={clsx("min-w-0 break-words", LEVELS[line.level] ?? "text-soft")}>{line.message}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  );
}
