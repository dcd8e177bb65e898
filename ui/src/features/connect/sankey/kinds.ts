// What the four kinds of node are called and coloured.
import type { GraphNode } from "@/api/types";
import type { BadgeTone } from "@/ui/Badge";

type Kind = { name: string; color: string; tone: BadgeTone };

export const KINDS: Record<GraphNode["type"], Kind> = {
  source_parent: { name: "Source", color: "var(--source)", tone: "source" },
  source: { name: "Table", color: "var(--source)", tone: "source" },
  ontology: { name: "Ontology", color: "var(--ontology)", tone: "ontology" },
  agent: { name: "Agent", color: "var(--agent)", tone: "agent" },
};
