// The moment that the flow shows: now, a moment that stands still, or one that was and runs again.
import { useCallback, useState } from "react";
import { CROSSING_MS } from "./flow";

export type Mode =
  | { kind: "live" }
  | { kind: "paused"; atMs: number }
  /** Shows what happened from a moment on, as if it happened since `beganMs`. */
  | { kind: "replay"; fromMs: number; beganMs: number };

export function shownMs(mode: Mode, nowMs: number, speed: number): number {
  if (mode.kind === "live") return nowMs;
  if (mode.kind === "paused") return mode.atMs;
  return mode.fromMs + (nowMs - mode.beganMs) * speed;
}

export function useClock(speed: number) {
  const [mode, setMode] = useState<Mode>({ kind: "live" });
  const clock = useCallback(() => shownMs(mode, Date.now(), mode.kind === "replay" ? speed : 1), [mode, speed]);
  return {
    mode,
    clock,
    moving: mode.kind !== "paused",
    pause: () => setMode({ kind: "paused", atMs: clock() }),
    goLive: () => setMode({ kind: "live" }),
    replay: (fromMs: number) => setMode({ kind: "replay", fromMs: fromMs - CROSSING_MS / 20, beganMs: Date.now() }),
  };
}
