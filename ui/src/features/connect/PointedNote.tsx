// A few words on the node or link under the pointer or the focus.
import type { GraphEdge, GraphNode } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import type { Graph } from "./sankey/expand";
import { freshnessOf, type Read } from "./sankey/freshness";
import { KINDS } from "./sankey/kinds";
import type { Pointed } from "./sankey/Sankey";

const SHOWN_MAX = 6;

type Props = { pointed: Exclude<Pointed, null>; graph: Graph; reads: Map<string, Read> };

export function PointedNote({ pointed, graph, reads }: Props) {
  return pointed.kind === "node" ? (
    <NodeNote node={pointed.node} graph={graph} />
  ) : (
    <EdgeNote edge={pointed.edge} graph={graph} read={reads.get(pointed.edge.id)} />
  );
}

function NodeNote({ node, graph }: { node: GraphNode; graph: Graph }) {
  const kind = KINDS[node.type];
  const label = (id: string) => graph.nodes.find((candidate) => candidate.id === id)?.label ?? id;
  const from = graph.edges.filter((edge) => edge.target === node.id).map((edge) => label(edge.source));
  const to = graph.edges.filter((edge) => edge.source === node.id).map((edge) => label(edge.target));
  return (
    <div className="grid gap-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={kind.tone}>{kind.name}</Badge>
        <bdi className="line-clamp-2 text-base font-bold break-words">{node.label}</bdi>
        {node.records != null && <span className="num text-soft">{text.recordCount(node.records)}</span>}
        {node.fields.length > 0 && <span className="num text-soft">{text.fieldCount(node.fields.length)}</span>}
        <ReadNote read={freshnessOf(node.read, Date.now())} />
      </p>
      <p className="line-clamp-2 text-soft">
        {[from.length > 0 && text.from(listed(from)), to.length > 0 && text.to(listed(to))].filter(Boolean).join(" · ")}
      </p>
    </div>
  );
}

function EdgeNote({ edge, graph, read }: { edge: GraphEdge; graph: Graph; read: Read | undefined }) {
  const label = (id: string) => graph.nodes.find((node) => node.id === id)?.label ?? id;
  const mapped = edge.field_mappings.map((field) => `${field.source} → ${field.onto_field}`);
  const detail = mapped.length > 0 ? mapped : edge.entity_fields;
  return (
    <div className="grid gap-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="line-clamp-2 text-base font-bold break-words">
          <bdi>{label(edge.source)}</bdi> → <bdi>{label(edge.target)}</bdi>
        </span>
        {edge.confidence != null && <Confidence value={edge.confidence} />}
        {mapped.length > 0 && <span className="num text-soft">{text.fieldsMapped(mapped.length)}</span>}
        <ReadNote read={read ?? null} />
      </p>
      <p className="line-clamp-2 text-soft">{listed(detail)}</p>
    </div>
  );
}

function ReadNote({ read }: { read: Read | null }) {
  if (!read) return null;
  return (
    <span className="text-soft">
      {text.freshness[read.freshness]}
      {read.at && `, ${text.readAgo(formatAgo(read.at, Date.now()))}`}
    </span>
  );
}

function listed(items: string[]): string {
  const shown = items.slice(0, SHOWN_MAX).join(", ");
  return items.length > SHOWN_MAX ? text.andMore(shown, items.length - SHOWN_MAX) : shown;
}
