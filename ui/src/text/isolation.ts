// What the settings say of how organisations are kept apart.
import { formatCount, plural } from "@/lib/format";

export const text = {
  now: {
    title: "As it stands now",
    loading: "Asking the database",
    rows: "Row security of the database",
    forced: (forced: number, tables: number) => `forced on ${formatCount(forced)} of ${plural(tables, "table")}`,
    none: "not there",
    holds:
      "PostgreSQL refuses rows of other organisations, whatever the code forgets, and the program’s role cannot pass that by.",
    bare: "It has been taken off some tables. Tell the operator: the program does not start again like this.",
    passedBy: "The program’s role can pass it by. Tell the operator: it needs another role.",
    file: "This installation keeps its data in a file, which knows no row security: the program alone keeps organisations apart. Use PostgreSQL where several organisations share an installation.",
    secrets: "Secrets",
    sealed: "sealed",
    sealedLead:
      "Each is sealed with a key of your organisation alone, which is itself sealed with the operator’s master key.",
    notSealed: "not sealed",
    notSealedLead: "No master key is known, so no secret can be kept here. Name secrets by their place instead.",
  },
  lead: "Nothing of your organisation is shown to another one. You need not believe it: the program proves it on your own deployment.",
  how: "Run this against the address you are using",
  command: "Probe command",
  what: "What it does",
  steps: [
    "It signs up two throw-away organisations and gives one of them things of every kind.",
    "It calls every operation that this deployment describes as nobody, as the owner, and as the other organisation with the owner's identifiers.",
    "It tries SQL that would leave its organisation.",
    "It compares what the owner reads with what it read before, and deletes both organisations.",
  ],
  read: "Reading the report",
  words: [
    ["held", "the answer was the one a stranger must get"],
    ["public", "everybody may see it, and the report says why"],
    ["not covered", "it could not be tried, with the reason"],
    ["BROKEN", "something was shown or changed; the exit code is then 1"],
  ] as const,
  layers: "What keeps organisations apart",
  layerItems: [
    "The token alone says which organisation you are; no request can name another.",
    "Every door of the code takes that scope, and there is no other door.",
    "Where the database is PostgreSQL, its row security holds even when the code forgets.",
    "Raw data and the query engine's files lie in a folder of your own.",
    "Secrets are sealed with a key of your organisation alone.",
  ],
};
