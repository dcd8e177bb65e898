// A few words on the node or link under the pointer or the focus.
import type { GraphEdge, GraphNode, GraphState } from "@/api/types";
import { plural } from "@/lib/format";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { KINDS } from "./sankey/kinds";
import type { Pointed } from "./sankey/Sankey";

const SHOWN_MAX = 6;

export function PointedNote({ pointed, state }: { pointed: Exclude<Pointed, null>; state: GraphState }) {
  return pointed.kind === "node" ? (
    <NodeNote node={pointed.node} state={state} />
  ) : (
    <EdgeNote edge={pointed.edge} state={state} />
  );
}

function NodeNote({ node, state }: { node: GraphNode; state: GraphState }) {
  const kind = KINDS[node.type];
  const label = (id: string) => state.nodes.find((candidate) => candidate.id === id)?.label ?? id;
  const from = state.edges.filter((edge) => edge.target === node.id).map((edge) => label(edge.source));
  const to = state.edges.filter((edge) => edge.source === node.id).map((edge) => label(edge.target));
  return (
    <div className="grid gap-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={kind.tone}>{kind.name}</Badge>
        <span className="text-base font-bold">{node.label}</span>
        {node.records != null && <span className="num text-soft">{plural(node.records, "record")}</span>}
        {node.fields.length > 0 && <span className="num text-soft">{plural(node.fields.length, "field")}</span>}
      </p>
      <p className="line-clamp-2 text-soft">
        {[from.length > 0 && text.from(listed(from)), to.length > 0 && text.to(listed(to))].filter(Boolean).join(" · ")}
      </p>
    </div>
  );
}

function EdgeNote({ edge, state }: { edge: GraphEdge; state: GraphState }) {
  const label = (id: string) => state.nodes.find((node) => node.id === id)?.label ?? id;
  const mapped = edge.field_mappings.map((field) => `${field.source} → ${field.onto_field}`);
  const detail = mapped.length > 0 ? mapped : edge.entity_fields;
  return (
    <div className="grid gap-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-base font-bold">{`${label(edge.source)} → ${label(edge.target)}`}</span>
        {edge.confidence != null && <Confidence value={edge.confidence} />}
        {mapped.length > 0 && (
          <span className="num text-soft">
            {plural(mapped.length, "field")} {text.mapped}
          </span>
        )}
      </p>
      <p className="line-clamp-2 text-soft">{listed(detail)}</p>
    </div>
  );
}

function listed(items: string[]): string {
  const shown = items.slice(0, SHOWN_MAX).join(", ");
  return items.length > SHOWN_MAX ? text.andMore(shown, items.length - SHOWN_MAX) : shown;
}
