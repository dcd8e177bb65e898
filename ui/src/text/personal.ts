// What the settings say about personal data.
import { plural } from "@/lib/format";

export const text = {
  scan: "Look for personal data in a text",
  scanLead:
    "Names, addresses, numbers that a person is known by, and what lets somebody in. The text is looked at and not kept.",
  text: "Text",
  least: "Count what scores at least",
  leastHint: "From 0 to 1. A lower one finds more, also what is none.",
  instead: "Put in its place",
  labels: "labels: nothing of it comes back",
  tokens: "tokens: those who may can open them again",
  look: "Look",
  looking: "Looking…",
  found: (count: number) => (count === 0 ? "Nothing personal was found." : `${plural(count, "piece")} found`),
  screening: {
    clean: "does not speak to a model",
    suspicious: "may speak to a model",
    instructs: "tries to instruct a model",
  } as Record<string, string>,
  shown: "The text, with what was found",
  redacted: "The text without it",
  findings: "What was found",
  columns: { kind: "What", where: "Where", score: "Score", because: "Because" },
  signs: (from: number, to: number) => `signs ${from} to ${to}`,
  reveal: "Open tokens",
  revealLead:
    "The values come back in the place of their tokens. Who opened how many and what for is written into the audit trail first.",
  withTokens: "Text with tokens",
  purpose: "What for",
  purposeHint: "It is written into the audit trail, so no personal data belongs here.",
  open: "Open them",
  opening: "Opening…",
  opened: "The text with its values",
  openedCount: (opened: number, unopened: number) =>
    unopened === 0
      ? `${plural(opened, "token")} opened`
      : `${plural(opened, "token")} opened; ${unopened} left as they are: of somebody else, or touched`,
  entry: "See the entry in the audit trail",
  mayNot: "Your role does not see personal data, so it opens no tokens.",
  fields: "Which fields hold personal data",
  fieldsLead:
    "By the ontology. Whoever may not see personal data gets the mask in the place of the value on every page, in every answer and in SQL; that is the roles viewer and agent.",
  loading: "Loading the fields",
  field: "Field",
  holds: "Holds",
  mask: "Others see",
  you: "You see",
  value: "the value",
  none: "No field of the ontology holds personal data",
  noneLead: "Say so in the ontology file with `pii:`, and it is masked from then on.",
};
