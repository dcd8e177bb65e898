// What the mapping memory says: how much of a source is known, what a model would be asked, and how right mappings were.
import { plural } from "@/lib/format";

export const text = {
  title: "Decided columns",
  loading: "Loading how right mappings were",
  restsOn: "Rests on",
  withoutModel: "names, values, memory",
  withModel: "also a model's answer",
  withMemory: "also an earlier decision",
  decided: "Decided",
  confirmed: "Confirmed",
  corrected: "Corrected",
  right: "Right",
  nobodyLooked: "not looked at",
  noCalls: "No model was asked about a column, and none was needed.",
  took: (calls: number, saved: number, tokens: string, dollars: string | null) =>
    `${plural(calls, "call")}, ${tokens} tokens, ${dollars ?? "cost not known"}; ${plural(saved, "call")} not needed.`,
  question: (source: string) => `Ask the model about ${source}?`,
  known: (covered: number, fields: number) =>
    `${covered} of ${plural(fields, "column")} are known from earlier decisions.`,
  open: (count: number) => `${plural(count, "column")} ${count === 1 ? "is" : "are"} uncertain.`,
  estimate: (calls: number, tokens: string, dollars: string | null) =>
    `About ${plural(calls, "call")} and ${tokens} tokens, ${dollars ?? "cost not known"}.`,
  byDefault: (skip: boolean) =>
    skip ? "If nobody chooses in time, the model is not asked." : "If nobody chooses in time, the model is asked.",
  skip: "What is known is enough",
  proceed: "Ask the model",
};
