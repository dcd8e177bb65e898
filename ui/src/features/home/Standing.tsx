// The numbers of the picture as it is stored.
import type { Connection, GraphState } from "@/api/types";
import { formatCompact, formatConfidence } from "@/lib/format";
import { mappedColumns } from "@/lib/mappedColumns";
import { text } from "@/text/home";
import { Tile, Tiles } from "@/ui/Tile";

export function Standing({ state, connections }: { state: GraphState; connections: Connection[] }) {
  const entities = state.nodes.filter((node) => node.type === "ontology" && (node.records ?? 0) > 0);
  const records = entities.reduce((sum, entity) => sum + (entity.records ?? 0), 0);
  const mapped = mappedColumns(state);
  const { ledger, confidence } = state;
  return (
    <section aria-label={text.stands}>
      <Tiles>
        <Tile label={text.tiles.sources} value={connections.length} />
        <Tile
          label={text.tiles.records}
          value={formatCompact(records)}
          note={`${entities.length} ${text.tiles.entities}`}
        />
        <Tile
          label={text.tiles.confidence}
          value={confidence == null ? null : formatConfidence(confidence)}
          note={mapped > 0 ? text.tiles.ofColumns(mapped) : undefined}
        />
        <Tile
          label={text.tiles.read}
          value={formatCompact(ledger.read)}
          note={ledger.balanced ? text.tiles.balanced : text.tiles.unbalanced}
          tone={ledger.balanced ? undefined : "bad"}
        />
      </Tiles>
    </section>
  );
}
