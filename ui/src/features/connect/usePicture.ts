// What of the picture is shown: which nodes are opened into their fields, whether only one node's way is, and what is searched for.
import { useCallback, useMemo, useState } from "react";
import type { GraphState } from "@/api/types";
import { fieldId, type Graph, onlyAround, openFields } from "./sankey/expand";
import { findNodes } from "./sankey/trace";

export type Picture = ReturnType<typeof usePicture>;

const NOTHING: Graph = { nodes: [], edges: [] };

export function usePicture(state: GraphState | undefined) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [only, setOnly] = useState<string | null>(null);
  const [search, setSearch] = useState("");

  const graph = useMemo(() => {
    const whole = openFields(state ?? NOTHING, opened);
    return only === null ? whole : onlyAround(whole, only);
  }, [state, opened, only]);
  const found = useMemo(() => findNodes(graph.nodes, search), [graph, search]);

  /** Opens a node into its fields or, given the node or one of its fields, closes it again. */
  const toggle = useCallback((id: string) => {
    const node = nodeOf(id);
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(node)) after.add(node);
      return after;
    });
  }, []);

  /** Shows one field of an entity alone: what flows into it and out of it. */
  const showField = useCallback((entity: string, field: string) => {
    const node = entityNode(entity);
    setSearch("");
    setOpened((before) => new Set(before).add(node));
    setOnly(fieldId(node, field));
  }, []);

  return { graph, opened, only, search, found, toggle, setOnly, setSearch, showField };
}

/** Names the node of an entity, as the backend does. */
const entityNode = (entity: string) => `dcl_${entity}`;

/** Returns the node that a field in the picture belongs to; a node is its own. */
export function nodeOf(id: string): string {
  return id.split("#")[0] ?? id;
}
