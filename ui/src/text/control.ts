// What the Control Center says.
import { formatCount } from "@/lib/format";

/** Refusals of these kinds miss nothing: there are several ways, and one is to be chosen. */
const isOpen = (code: string) => code === "ambiguous" || code === "mixed_units";

export const text = {
  title: "AOS Control Center",
  lead: "Ask in plain words. Every answer comes from your unified records, with its plan, its SQL and a signed receipt; what is not understood is refused, not guessed.",
  loading: "Loading what you look at first",
  personas: "Whose view",
  tilesOf: (persona: string) => `What a ${persona} looks at first`,
  nothingToCount: "nothing to count yet",
  noCurrency: "without a currency",
  partOf: (currency: string) => `the part in ${currency}`,
  partWithout: "the part without a currency",
  exactly: (value: string) => `exactly ${value}`,
  moreParts: (parts: string) => `besides: ${parts}`,
  openPage: (title: string) => `Open what “${title}” counts`,
  connect: "Connect a source",
  question: "Your question",
  placeholder: "How many opportunities are there by stage?",
  ask: "Ask",
  asking: "Answering…",
  startWith: "Questions to begin with",
  conversation: "Questions and answers",
  refused: "This is not answered",
  missing: (what: string, code: string) =>
    isOpen(code)
      ? `Left open: ${what}.`
      : code === "no_data"
        ? `No record that was read says “${what}”.`
        : code === "not_allowed"
          ? `You do not see “${what}”.`
          : `“${what}” is not known here.`,
  near: (code: string) => (isOpen(code) ? "Say one of these:" : code === "not_allowed" ? "Ask for:" : "Near to it:"),
  nothingNear: (code: string) =>
    isOpen(code)
      ? "Say it in the question."
      : code === "no_data"
        ? "Connect a source that does."
        : "Nothing near to it is known.",
  askForIt: "Ask for it to be added",
  gapAsked: (what: string, times: number, state: string) =>
    state === "rejected"
      ? `“${what}” was asked for before, and will not be added.`
      : `“${what}” is before people now; it was asked for ${times === 1 ? "once" : `${formatCount(times)} times`}.`,
  counted: (entities: string[]) =>
    `Counted as things, each once in however many systems it is: ${entities.join(", ")}.`,
  codes: {
    not_understood: "not understood",
    ambiguous: "can be meant in several ways",
    not_possible: "cannot be computed",
    mixed_units: "different units or currencies",
    no_data: "no data for it",
    not_allowed: "not for your role",
  } as Record<string, string | undefined>,
  moreRows: (shown: number) => `The first ${formatCount(shown)} rows; there are more.`,
  rowsOf: "Rows of the answer",
  grounds: "What it rests on",
  sources: "Sources",
  fresh: "Read",
  neverRead: "not all of it was read to its end yet",
  weakest: "Weakest mapping or match",
  mappings: "Mappings",
  mapping: (source: string, table: string, version: number) => `${source} · ${table}, version ${version}`,
  plan: "Plan",
  sql: "SQL",
  copySql: "SQL of the answer",
  receipt: "Receipt",
  receiptLead: "Signed by this installation: the question, the SQL, a digest of the rows and where the data stood.",
  verify: "Check the signature",
  genuine: "The signature is genuine; nothing in it was changed.",
  notGenuine: "The signature does not fit. Do not rely on this receipt.",
  rerun: "Run it again",
  same: "The same rows come of it.",
  changed: "Other rows come of it now.",
  masked: "Personal data was masked for you.",
  rate: "Was this of use?",
  up: "Of use",
  down: "Not of use",
  thanks: "Thank you. It is kept with the question.",
  earlier: "Asked before",
  earlierLoading: "Loading what was asked before",
  earlierNone: "Nobody has asked anything yet.",
  answered: "answered",
  askAgain: (question: string) => `Ask “${question}” again`,
};
