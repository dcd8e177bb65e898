// What the home page says.
import { formatCount, plural } from "@/lib/format";

type LedgerTotals = {
  read: number;
  landed: number;
  duplicate: number;
  filtered: number;
  rejected: number;
  balanced: boolean;
};

export const text = {
  title: "AOS Home",
  hello: (name: string) => `Hello, ${name}`,
  headline: "Many systems, one explained picture",
  lead: "AutonomOS reads what your systems have to say, learns how each of them says it, and shows one picture that is explained down to the cell.",
  loading: "Loading what there is",
  stands: "How it stands",
  tiles: {
    sources: "sources connected",
    entities: "entities filled",
    records: "unified records",
    confidence: "mean confidence",
    read: "records read so far",
    balanced: "every one accounted for",
    unbalanced: "not every one accounted for",
    ofColumns: (mapped: number) => `over ${plural(mapped, "mapped column")}`,
  },
  needs: "What needs you",
  needsLoading: "Looking for what needs you",
  needsNothing: "Nothing needs you right now.",
  needsUnknown: "Not everything could be looked at, so nobody knows.",
  need: {
    failedTasks: (count: number) => `${plural(count, "task")} failed for good`,
    failedSources: (count: number) => `${plural(count, "source")} could not be read`,
    rejected: (count: number) => `${plural(count, "record")} could not be used`,
    lowConfidence: (count: number) => `${plural(count, "mapping")} below 0.70`,
    neverRun: (count: number) => `${plural(count, "source")} never read yet`,
    drifted: (count: number) => `${plural(count, "table")} changed at ${count === 1 ? "its source" : "their sources"}`,
    alerts: (count: number) => `${plural(count, "alert")} of connections`,
    decisions: (kind: string, count: number) =>
      ({
        drift: `${plural(count, "repair")} to decide after a source changed`,
        mapping: `${plural(count, "proposed mapping")} to decide`,
        entity_pair: `${plural(count, "pair")} that may be one thing`,
        question_gap: `${plural(count, "thing")} that questions asked for in vain`,
      })[kind] ?? `${plural(count, "decision")} in the review queue`,
    proposals: (count: number) => `${plural(count, "proposal")} of agents to decide`,
    confirm: (count: number) =>
      `${plural(count, "read")} to confirm, because of what ${count === 1 ? "it costs" : "they cost"}`,
    safeMode: (count: number) => `${plural(count, "proposed source")} to let in`,
    findings: (count: number) => `${plural(count, "open finding")} of pilots`,
  },
  holds: "What the picture holds",
  landed: (count: string) => `${count} landed`,
  recent: "Latest runs",
  recentNone: "No source has been read yet.",
  recentLoading: "Loading the latest runs",
  allRuns: "The whole ledger",
  how: "How it works",
  steps: [
    ["Connect", "Files, services and databases are looked at, never written to. Secrets stay where they are."],
    ["Normalize", "Each column finds its field of the ontology, with a confidence and the evidence for it."],
    ["Unify", "Rows that speak of the same thing become one record. Values that did not win are kept."],
    ["Use", "People, programs and agents read one picture, and can ask each cell where it is from."],
  ] as const,
  stepLinks: ["See the connections", "See the mappings", "See the records", "See the picture"] as const,
  more: "More questions and answers",
  faq: {
    title: "Questions, answered with your own figures",
    lead: "Each answer is counted now, and leads to the page that proves it.",
    connected: {
      question: "What is connected?",
      answer: (sources: number, tables: number) => `${plural(sources, "source")} with ${plural(tables, "table")}.`,
      last: (ago: string) => `The newest read began ${ago}.`,
      never: "None of them has been read yet.",
      link: "Connections",
    },
    held: {
      question: "What do we hold?",
      of: (label: string, count: string) => `${label} ${count}`,
      answer: (records: number, named: string, more: number) =>
        `${plural(records, "unified record")}: ${named}${more > 0 ? `, and ${plural(more, "other kind")} of records` : ""}.`,
      link: "Records",
    },
    lost: {
      question: "Was anything lost on the way?",
      answer: ({ read, landed, duplicate, filtered, rejected, balanced }: LedgerTotals) =>
        `Of ${plural(read, "record")} that were read, ${formatCount(landed)} landed, ${formatCount(duplicate)} were known already, ${formatCount(filtered)} were filtered and ${formatCount(rejected)} were rejected, each with its reason. ${
          balanced ? "It adds up." : "It does not add up: look at the ledger."
        }`,
      link: "Ledger",
      rejections: "Rejections with their reasons",
    },
    sure: {
      question: "How sure is the mapping?",
      answer: (columns: number, mean: string, weakest: string, confidence: string) =>
        `${plural(columns, "column")} ${columns === 1 ? "has found its field" : "have found their field"}, with a mean confidence of ${mean}. The least sure is ${weakest} with ${confidence}.`,
      link: "Mappings with their evidence",
    },
    changed: {
      question: "Did a source change?",
      none: "No: every table is as it was accepted.",
      answer: (tables: number) =>
        `Yes: ${plural(tables, "table")} ${tables === 1 ? "is not as it was accepted" : "are not as they were accepted"}.`,
      link: "Review queue",
    },
    used: {
      question: "Who looks at it for us?",
      answer: (pilots: string, findings: number) =>
        findings === 0
          ? `${pilots}. No finding of theirs is open.`
          : `${pilots}. ${plural(findings, "finding")} of theirs ${findings === 1 ? "is" : "are"} open.`,
      link: "Agents and findings",
    },
    model: {
      question: "Is a language model asked?",
      yes: (model: string) => `Yes: ${model}, within your limits. Each call is listed with its cost.`,
      production: "No: production mode is on. Mapping, questions and search work without.",
      none: "No: none is chosen. Mapping, questions and search work without.",
      not: (model: string) => `Not now: ${model} is chosen and cannot be asked. The settings say why.`,
      link: "Model and its use",
    },
    written: {
      question: "Does AutonomOS write to my systems?",
      answer: (sources: number) =>
        sources === 0
          ? "No. Files, services and databases are only read, and their secrets are never shown again."
          : sources === 1
            ? "No. The one connected source is only read."
            : `No. All ${formatCount(sources)} sources are only read.`,
      link: "More questions",
    },
  },
  first: {
    title: "Connect your first source",
    lead: "Three steps, about two minutes. Nothing is written to your systems.",
    steps: ["Choose a source", "Read it", "See a unified record"] as const,
    done: "done",
    choose: "What would you like to connect?",
    folder: "A folder of exports",
    folderLead: "CSV, TSV, JSON, NDJSON or Parquet on the server, one file per table.",
    system: "A service or database",
    systemLead: "Salesforce, HubSpot, Dynamics 365, PostgreSQL and more, read-only.",
    samples: "Try with sample data",
    samplesLead: (count: number) =>
      `${plural(count, "system")} of an invented company: customers, deals, tickets, cloud cost. One click connects and reads them, one click removes them again.`,
    samplesAdd: "Use the sample data",
    samplesAdding: "Connecting…",
    own: "Or begin with something else",
    simulated: (title: string) => `A simulated ${title}`,
    simulatedLead: "Invented records behind the service's real interface, played by this server.",
    simulator: "A service played beside the server",
    simulatorLead: "A HubSpot with invented records, without an account anywhere. Start it on the server's machine:",
    simulatorCopy: "Command for a simulator",
    simulatorConnect: "It runs: connect it",
    simulatorAllowed:
      'The server must be allowed to call its own machine: allow_private = ["127.0.0.1/32"] under [net] in its settings.',
    connected: (count: number) =>
      count === 1
        ? "One source is connected. Read it now: AutonomOS finds out what each column means."
        : `${plural(count, "source")} are connected. Read them now: AutonomOS finds out what each column means.`,
    read: "Read now",
    reading: "Reading…",
    readingLead:
      "Every table is looked at, each column is given its meaning, and rows that speak of the same thing are joined.",
    sources: "How far each source is",
    states: {
      never_run: "waits its turn",
      running: "is being read",
      ready: "read",
      failed: "could not be read",
      paused: "paused",
      safe_mode: "proposed",
      awaits_confirmation: "waits to be confirmed",
    },
    landed: (count: string) => `${count} records`,
    unifying: "Putting it together…",
    look: "See what went wrong",
    readDone: (records: number) => `${plural(records, "unified record")} are there.`,
    open: "See the records",
  },
};
