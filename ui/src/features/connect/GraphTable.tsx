// The picture as a table: the same nodes and links for those who read rather than look.
import { useMemo, useState } from "react";
import type { GraphEdge } from "@/api/types";
import { formatAgo, formatCount } from "@/lib/format";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Confidence } from "@/ui/Confidence";
import { inputClass } from "@/ui/Field";
import { TableFrame, Td, Th } from "@/ui/Table";
import { freshnessOf, type Read } from "./sankey/freshness";
import { KINDS } from "./sankey/kinds";
import type { Picture } from "./usePicture";

/** So many rows at a time; a picture of thousands is searched, not read through. */
const ROWS_STEP = 200;

type Props = { picture: Picture; reads: Map<string, Read>; onPreview: (nodeId: string) => void };

export function GraphTable({ picture, reads, onPreview }: Props) {
  const { graph, found, search, setSearch } = picture;
  const [most, setMost] = useState(ROWS_STEP);
  const rows = useMemo(() => {
    const wanted = search.trim() === "" ? graph.nodes : found;
    return [...wanted].sort((a, b) => a.layer - b.layer || a.label.localeCompare(b.label));
  }, [graph, found, search]);
  const leaving = useMemo(() => {
    const known = new Map<string, GraphEdge[]>();
    for (const edge of graph.edges) {
      const edges = known.get(edge.source);
      if (edges) edges.push(edge);
      else known.set(edge.source, [edge]);
    }
    return known;
  }, [graph]);
  const labels = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node.label])), [graph]);
  const nowMs = Date.now();
  return (
    <>
      <div className="px-4 pb-3 sm:px-5">
        <input
          type="search"
          aria-label={text.searchThePicture}
          placeholder={text.searchThePicture}
          className={`${inputClass} min-h-9 text-sm sm:max-w-xs`}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <TableFrame label={text.thePictureAsATable} className="pb-3">
        <thead>
          <tr>
            <Th>{text.kind}</Th>
            <Th>{text.name}</Th>
            <Th className="text-right">{text.fields}</Th>
            <Th className="text-right">{text.records}</Th>
            <Th>{text.lastRead}</Th>
            <Th>{text.feeds}</Th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((node) => (
            <tr key={node.id} className="hover:bg-raised/50">
              <Td>
                <Badge tone={KINDS[node.type].tone}>{KINDS[node.type].name}</Badge>
              </Td>
              <Td>
                <button
                  type="button"
                  className="max-w-96 text-left font-semibold break-words text-accent underline-offset-4 hover:underline"
                  onClick={() => onPreview(node.id)}
                >
                  <bdi>{node.label}</bdi>
                </button>
              </Td>
              <Td className="text-right">{node.fields.length > 0 ? formatCount(node.fields.length) : "–"}</Td>
              <Td className="text-right">{node.records == null ? "–" : formatCount(node.records)}</Td>
              <Td>
                <LastRead read={freshnessOf(node.read, nowMs)} nowMs={nowMs} />
              </Td>
              <Td>
                <ul className="flex min-w-48 flex-wrap gap-x-4 gap-y-1">
                  {(leaving.get(node.id) ?? []).map((edge) => {
                    const at = edge.type === "mapping" ? reads.get(edge.id)?.at : null;
                    return (
                      <li key={edge.id} className="flex items-center gap-1.5">
                        <bdi className="line-clamp-2">{labels.get(edge.target) ?? edge.target}</bdi>
                        {edge.confidence != null && <Confidence value={edge.confidence} />}
                        {at && <span className="text-faint">{text.readAgo(formatAgo(at, nowMs))}</span>}
                      </li>
                    );
                  })}
                </ul>
              </Td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      <p className="flex flex-wrap items-center gap-3 px-5 pb-4 text-sm text-faint">
        <span aria-live="polite">{text.rowsShown(Math.min(most, rows.length), rows.length)}</span>
        {rows.length > most && (
          <Button small onClick={() => setMost(most + ROWS_STEP)}>
            {text.showMore}
          </Button>
        )}
      </p>
    </>
  );
}

function LastRead({ read, nowMs }: { read: Read | null; nowMs: number }) {
  if (!read) return "–";
  return (
    <>
      {text.freshness[read.freshness]}
      {read.at && <span className="block text-faint">{text.readAgo(formatAgo(read.at, nowMs))}</span>}
    </>
  );
}
