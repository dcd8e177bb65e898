// What the records page says about things that stand in several records.
import { plural } from "@/lib/format";

export const text = {
  views: "Show",
  records: "Records",
  things: "Things",
  lead: "A thing that stands in the records of several sources, with the values that survive.",
  find: "Find what is the same",
  finding: "Looking…",
  begun: "Records that are one thing are being looked for.",
  loading: "Loading the things",
  loadingOne: "Explaining the thing",
  none: "Nothing stands in several records yet",
  noneLead:
    "Look for records of different sources that are the same thing. A record that is not among them is a thing of its own.",
  thing: "Thing",
  count: (count: number) => plural(count, "record"),
  cohesion: "held together by",
  rules: {
    most_sources: "most sources say so",
    newest: "the newest",
    longest: "the longest",
  } as Record<string, string>,
  from: "from",
  others: (count: number) => `${plural(count, "other value")} set aside`,
  members: "Its records",
  links: "Why they are one",
  bits: (bits: string) => `${bits} bits`,
  explain: (records: number) => `One thing in ${plural(records, "record")}: see what survives and why`,
  merged: "It was merged into another thing.",
};
