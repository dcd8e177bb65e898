// The picture as a table: the same nodes and links for those who read rather than look.
import type { GraphState } from "@/api/types";
import { formatCount } from "@/lib/format";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { TableFrame, Td, Th } from "@/ui/Table";
import { KINDS } from "./sankey/kinds";

type Props = { state: GraphState; onPreview: (nodeId: string) => void };

export function GraphTable({ state, onPreview }: Props) {
  const nodes = [...state.nodes].sort((a, b) => a.layer - b.layer || a.label.localeCompare(b.label));
  const label = (id: string) => state.nodes.find((node) => node.id === id)?.label ?? id;
  return (
    <TableFrame label={text.thePictureAsATable} className="pb-3">
      <thead>
        <tr>
          <Th>{text.kind}</Th>
          <Th>{text.name}</Th>
          <Th className="text-right">{text.fields}</Th>
          <Th className="text-right">{text.records}</Th>
          <Th>{text.feeds}</Th>
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => (
          <tr key={node.id} className="hover:bg-raised/50">
            <Td>
              <Badge tone={KINDS[node.type].tone}>{KINDS[node.type].name}</Badge>
            </Td>
            <Td>
              <button
                type="button"
                className="text-left font-semibold text-accent underline-offset-4 hover:underline"
                onClick={() => onPreview(node.id)}
              >
                {node.label}
              </button>
            </Td>
            <Td className="text-right">{node.fields.length > 0 ? formatCount(node.fields.length) : "–"}</Td>
            <Td className="text-right">{node.records == null ? "–" : formatCount(node.records)}</Td>
            <Td>
              <ul className="flex min-w-48 flex-wrap gap-x-4 gap-y-1">
                {state.edges
                  .filter((edge) => edge.source === node.id)
                  .map((edge) => (
                    <li key={edge.id} className="flex items-center gap-1.5">
                      {label(edge.target)}
                      {edge.confidence != null && <Confidence value={edge.confidence} />}
                    </li>
                  ))}
              </ul>
            </Td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
