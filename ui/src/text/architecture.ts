// What the page about the running system says.
import { plural } from "@/lib/format";

export const text = {
  title: "AOS Architecture",
  lead: "The parts of the system that answers you, and how each of them is right now.",
  loading: "Asking the parts how they are",
  version: "Version",
  commit: "Commit",
  schema: "Database schema",
  ontology: "Ontology",
  versionOf: (version: number) => `version ${version}`,
  diagram: "The parts of the system",
  choose: "Choose a part to see what it does.",
  details: "Right now",
  since: (since: string) => `since ${since}`,
  status: { ok: "works", degraded: "limited", unavailable: "away", unknown: "not told by this server" },
  flow: "An event travels from left to right; each step is committed before the next one tells of it.",
  parts: {
    sources: [
      "Sources",
      "Files, services and databases. They are read and never written to; where a service allows it, with read-only rights.",
    ],
    mesh: [
      "Adaptive API mesh",
      "Reads each connection page by page: raw rows first, then canonical events, the ledger and the cursor, all in one transaction.",
    ],
    lake: [
      "Lake",
      "Keeps what was read as it was read: immutable, compressed segments, in a folder of each organisation's own.",
    ],
    database: [
      "Store",
      "Holds every durable row: SQLite on one machine, PostgreSQL with row security on many. What it says is the truth.",
    ],
    engine: [
      "Data connection layer",
      "Unifies the rows that speak of the same thing and answers questions about them. Its files are a cache: they can be deleted.",
    ],
    broker: [
      "Broker",
      "Carries live events and wake-ups between processes. It may be lost at any time without losing a task.",
    ],
    worker: [
      "Workers",
      "Do what takes a while: reading, callbacks, schedules. Whoever loses its lease cannot finish the attempt.",
    ],
    api: [
      "Gateway",
      "Every request in the same order: traced, known, counted, done once, written down. Then it asks the policy.",
    ],
    agents: ["People and agents", "The web interface, the command line, SQL, and agents with keys of their own."],
  },
  facts: {
    connections: "connected",
    streams: "tables",
    read: "records read",
    balanced: "ledger",
    isBalanced: "balanced",
    notBalanced: "not balanced",
    entities: "entities filled",
    records: "unified records",
    running: "tasks running",
    waiting: "tasks waiting",
    failed: "tasks failed",
    live: "live line",
    confidence: "mean confidence",
    agents: "agents that consume",
    healthy: "healthy",
    runs: "runs since yesterday",
    readToday: "records since yesterday",
    success: "runs that went well",
    latency: "sources answer in",
    landed: "records landed",
    mapped: "mapped columns",
    oldest: "oldest has waited",
    answered: "answered in",
  },
  ofAll: (some: number, all: number) => `${some} of ${all}`,
  meshReason: (failing: number, degraded: number) =>
    [
      failing > 0 && `${plural(failing, "connection")} failing`,
      degraded > 0 && `${plural(degraded, "connection")} limited`,
    ]
      .filter(Boolean)
      .join(", "),
  liveStates: { connecting: "opening", live: "live", reconnecting: "reconnecting", offline: "offline" },
};
