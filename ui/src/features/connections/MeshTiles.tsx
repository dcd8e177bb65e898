// The sums over all connections, as measured; what was never measured says so.
import type { MeshMetrics } from "@/api/types";
import { formatCompact, formatShare } from "@/lib/format";
import { text as all } from "@/text/connections";
import { Tile, Tiles } from "@/ui/Tile";

const text = all.tiles;

export function MeshTiles({ metrics }: { metrics: MeshMetrics }) {
  const { healthy, connections, unknown, failing, success_rate, latency, records_read_24h, runs_24h } = metrics;
  return (
    <Tiles>
      <Tile
        label={text.healthy}
        value={unknown === connections ? null : healthy}
        note={text.ofAll(connections)}
        tone={failing > 0 ? "bad" : healthy + unknown === connections ? "good" : "warn"}
      />
      <Tile label={text.success} value={success_rate == null ? null : formatShare(success_rate)} />
      <Tile
        label={text.latency}
        value={latency ? `${latency.median_ms} ms` : null}
        note={latency ? text.p95(latency.p95_ms) : undefined}
      />
      <Tile
        label={text.read}
        value={records_read_24h == null ? null : formatCompact(records_read_24h)}
        note={records_read_24h == null ? undefined : text.runs(runs_24h)}
      />
    </Tiles>
  );
}
