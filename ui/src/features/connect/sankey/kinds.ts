// What the four kinds of node are called and coloured.
import type { GraphNode } from "@/api/types";
import type { BadgeTone } from "@/ui/Badge";

type Kind = { name: string; column: string; color: string; tone: BadgeTone };

export const KINDS: Record<GraphNode["type"], Kind> = {
  source_parent: { name: "Source", column: "Sources", color: "var(--source)", tone: "source" },
  source: { name: "Table", column: "Tables", color: "var(--source)", tone: "source" },
  ontology: { name: "Ontology", column: "Ontology", color: "var(--ontology)", tone: "ontology" },
  agent: { name: "Agent", column: "Agents", color: "var(--agent)", tone: "agent" },
};
