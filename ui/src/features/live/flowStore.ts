// The events of the flow, kept while pages change. Messages come from the shell's one live connection; a new tab catches up with those
// that the server still keeps. Readers are told a few times a second at most, however many events come.
import { useSyncExternalStore } from "react";
import { api, call } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import type { LiveMessage } from "@/api/types";
import { addEvent, EVENTS_KEPT, eventOf, type FlowEvent, LANES } from "./flow";

const TELL_EVERY_MS = 150;

const listeners = new Set<() => void>();
let events: readonly FlowEvent[] = [];
let waiting: FlowEvent[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
/** How far the events before now have been read. */
export type CaughtUp = "not" | "reading" | "read" | { failed: unknown };
let caughtUp: CaughtUp = "not";

function turn(to: CaughtUp) {
  caughtUp = to;
  for (const listener of listeners) listener();
}

function tell() {
  timer = undefined;
  events = merge(events, waiting);
  waiting = [];
  for (const listener of listeners) listener();
}

function merge(known: readonly FlowEvent[], added: FlowEvent[]): readonly FlowEvent[] {
  if (added.length === 1 && added[0]) return addEvent(known, added[0]);
  const ids = new Set(known.map((event) => event.id));
  const fresh = added.filter((event) => !ids.has(event.id) && ids.add(event.id));
  const last = known.at(-1)?.atMs ?? 0;
  const all = [...known, ...fresh];
  if (fresh.some((event) => event.atMs < last)) all.sort((a, b) => a.atMs - b.atMs);
  return all.slice(-EVENTS_KEPT);
}

function receive(message: LiveMessage) {
  const event = eventOf(message);
  if (!event) return;
  waiting.push(event);
  timer ??= setTimeout(tell, TELL_EVERY_MS);
}

/** Reads what the server keeps of the events before now, once per session. It ends by itself, so nobody has to break it off. */
async function catchUp() {
  if (caughtUp === "reading" || caughtUp === "read") return;
  turn("reading");
  try {
    const { ticket } = await call(api.POST("/api/v1/auth/ws-ticket"));
    const query = new URLSearchParams({ ticket, after: "0", types: LANES.join(",") });
    const response = await fetch(`/api/v1/events/stream?${query}`);
    if (!response.ok) throw ApiProblem.from(response.status, await response.json().catch(() => null));
    if (response.body) await readKept(response.body, Date.now());
    tell();
    turn("read");
  } catch (failed) {
    // Live events come all the same; the next visit of the page tries again.
    turn({ failed });
  }
}

/** Takes kept events until one is newer than the question, or until the server goes quiet and only comments come. */
async function readKept(body: ReadableStream<Uint8Array>, askedMs: number) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const quiet = new Promise<"quiet">((resolve) => setTimeout(() => resolve("quiet"), QUIET_MS));
      const piece = await Promise.race([reader.read(), quiet]);
      if (piece === "quiet" || piece.done) return;
      const lines = (rest + decoder.decode(piece.value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const [at, line] of lines.filter((candidate) => candidate.startsWith("data:")).entries()) {
        if (at % EVENTS_AT_ONCE === EVENTS_AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
        const message = JSON.parse(line.slice(5)) as LiveMessage;
        receive(message);
        if (Date.parse(message.at) > askedMs) return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const QUIET_MS = 700;
/** After so many events the page draws, so that a long past does not hold it up. */
const EVENTS_AT_ONCE = 500;

export const flowStore = {
  receive,
  catchUp,
  events: () => events,
  caughtUp: () => caughtUp,
  clear() {
    clearTimeout(timer);
    [events, waiting, timer, caughtUp] = [[], [], undefined, "not"];
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

export const useFlowEvents = (): readonly FlowEvent[] => useSyncExternalStore(flowStore.subscribe, flowStore.events);

export const useCaughtUp = (): CaughtUp => useSyncExternalStore(flowStore.subscribe, flowStore.caughtUp);
