// What the Live Flow knows: the newest events of the five stages, in the order in which they came. Pure: no clock, no drawing.
import type { LiveMessage } from "@/api/types";

export const LANES = ["ingested", "canonicalized", "materialized", "viewed", "journaled"] as const;
export type Lane = (typeof LANES)[number];

export type FlowEvent = {
  id: string;
  lane: Lane;
  atMs: number;
  source: string;
  stream: string;
  records: number;
  rejected: number;
  duplicate: number;
  outcome: string | null;
  balanced: boolean;
};

export const EVENTS_KEPT = 10_000;

/** Reads a live message as an event of the flow; null for messages of other kinds. */
export function eventOf(message: LiveMessage): FlowEvent | null {
  const lane = LANES.find((known) => known === message.type);
  if (!lane || message.id === null) return null;
  const data = message.data as Record<string, unknown>;
  const text = (name: string) => (typeof data[name] === "string" ? data[name] : "");
  const count = (name: string) => (typeof data[name] === "number" ? data[name] : 0);
  return {
    id: message.id,
    lane,
    atMs: Date.parse(message.at),
    source: text("source"),
    stream: text("stream"),
    records: lane === "journaled" ? count("read") : lane === "viewed" ? viewedRecords(data.entities) : count("records"),
    rejected: count("rejected"),
    duplicate: count("duplicate"),
    outcome: lane === "journaled" ? text("outcome") : null,
    balanced: data.balanced !== false,
  };
}

/** A refresh of the views tells for each entity how many records it has now. */
function viewedRecords(entities: unknown): number {
  if (entities === null || typeof entities !== "object") return 0;
  const counts = Array.isArray(entities)
    ? entities.map((entity) => (entity as { records?: unknown }).records)
    : Object.values(entities);
  return counts.reduce((sum: number, count) => sum + (typeof count === "number" ? count : 0), 0);
}

/** Adds an event unless it is known; the oldest make room. */
export function addEvent(events: readonly FlowEvent[], event: FlowEvent): readonly FlowEvent[] {
  // Events come nearly in order, so one that is known is among the last.
  for (let at = events.length - 1; at >= 0 && at >= events.length - 200; at -= 1) {
    if (events[at]?.id === event.id) return events;
  }
  return events.length < EVENTS_KEPT ? [...events, event] : [...events.slice(events.length - EVENTS_KEPT + 1), event];
}

export type FlowFilter = { source?: string; lane?: Lane };

export const fits = (event: FlowEvent, { source, lane }: FlowFilter): boolean =>
  (!source || event.source === source) && (!lane || event.lane === lane);

export type LaneSum = { events: number; records: number };

export function sumsOf(events: readonly FlowEvent[]): Record<Lane, LaneSum> {
  const sums = Object.fromEntries(LANES.map((lane) => [lane, { events: 0, records: 0 }])) as Record<Lane, LaneSum>;
  for (const event of events) {
    sums[event.lane].events += 1;
    sums[event.lane].records += event.records;
  }
  return sums;
}

/** How long a dot takes through its lane, at speed one. */
export const CROSSING_MS = 6_000;

/** Returns how far an event has come at a moment, from 0 to 1; null before it happened and after it left. */
export function progressOf(event: FlowEvent, nowMs: number, speed: number): number | null {
  const progress = ((nowMs - event.atMs) * speed) / CROSSING_MS;
  return progress >= 0 && progress <= 1 ? progress : null;
}

/** Finds the first event at or after a moment, by halves; events are nearly in order of time. */
export function firstAtOrAfter(events: readonly FlowEvent[], atMs: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
