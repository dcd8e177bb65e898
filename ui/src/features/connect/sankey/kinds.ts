// What the four kinds of node are called and coloured.
import type { GraphNode } from "@/api/types";
import { text } from "@/text/connect";
import type { BadgeTone } from "@/ui/Badge";

type Kind = { name: string; column: string; color: string; tone: BadgeTone };

export const KINDS: Record<GraphNode["type"], Kind> = {
  source_parent: {
    name: text.kinds.source_parent[0],
    column: text.kinds.source_parent[1],
    color: "var(--source)",
    tone: "source",
  },
  source: { name: text.kinds.source[0], column: text.kinds.source[1], color: "var(--source)", tone: "source" },
  ontology: {
    name: text.kinds.ontology[0],
    column: text.kinds.ontology[1],
    color: "var(--ontology)",
    tone: "ontology",
  },
  agent: { name: text.kinds.agent[0], column: text.kinds.agent[1], color: "var(--agent)", tone: "agent" },
};
