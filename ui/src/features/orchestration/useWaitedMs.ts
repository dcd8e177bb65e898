// How long the oldest task waits. What waits is told live; that it waits longer every second needs nobody to say it.
import { useEffect, useState } from "react";

const TICK_MS = 1_000;

/** Counts on from what was read at a time, by the browser's clock; null while nothing waits. */
export function useWaitedMs(readSeconds: number | null, readAtMs: number): number | null {
  const [nowMs, setNowMs] = useState(readAtMs);
  const waits = readSeconds !== null;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [waits]);
  return readSeconds === null ? null : readSeconds * 1000 + Math.max(0, nowMs - readAtMs);
}
