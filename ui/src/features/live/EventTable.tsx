// The events in words, newest first.
import { useMemo } from "react";
import { formatClock, formatCount } from "@/lib/format";
import { text } from "@/text/live";
import { type Column, VirtualTable } from "@/ui/VirtualTable";
import type { FlowEvent } from "./flow";

const COLUMNS: Column<FlowEvent>[] = [
  {
    name: "at",
    heading: text.when,
    width: "6.5rem",
    value: (event) => event.atMs,
    cell: (event) => <span className="num text-faint">{formatClock(new Date(event.atMs).toISOString())}</span>,
  },
  {
    name: "lane",
    heading: text.what,
    width: "8rem",
    value: (event) => event.lane,
    cell: (event) => <span className="font-semibold">{text.lanes[event.lane][0]}</span>,
  },
  {
    name: "where",
    heading: text.where,
    width: "minmax(12rem,2fr)",
    value: (event) => `${event.source} ${event.stream}`,
    cell: (event) => (
      <span className="font-mono text-[0.8125rem]">
        <span className="text-source">{event.source}</span> {event.stream}
      </span>
    ),
  },
  {
    name: "records",
    heading: text.count,
    width: "7rem",
    right: true,
    value: (event) => event.records,
    cell: (event) => formatCount(event.records),
  },
  {
    name: "note",
    heading: text.note,
    width: "minmax(10rem,1fr)",
    cell: (event) => (
      <span className={event.rejected > 0 || !event.balanced ? "text-bad" : "text-faint"}>{noteOf(event)}</span>
    ),
  },
];

function noteOf(event: FlowEvent): string {
  const notes = [];
  if (event.outcome) notes.push(text.outcome(event.outcome, event.balanced));
  if (event.rejected > 0) notes.push(text.rejected(event.rejected));
  if (event.duplicate > 0) notes.push(text.duplicate(event.duplicate));
  return notes.join(", ");
}

export function EventTable({ events }: { events: readonly FlowEvent[] }) {
  const newestFirst = useMemo(() => [...events].reverse(), [events]);
  return (
    <VirtualTable
      label={text.log}
      rows={newestFirst}
      columns={COLUMNS}
      rowKey={(event) => event.id}
      words={(event) => `${event.source} ${event.stream} ${event.lane} ${event.outcome ?? ""}`}
      minWidth="44rem"
    />
  );
}
