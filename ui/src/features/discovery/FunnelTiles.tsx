// How many of the proposed sources have come how far, and what holds up the others.
import type { Funnel } from "@/api/types";
import { formatCount, formatShare } from "@/lib/format";
import { text } from "@/text/discovery";
import { Tile, Tiles } from "@/ui/Tile";

const STUCK = Object.keys(text.stuck) as (keyof typeof text.stuck)[];

export function FunnelTiles({ funnel }: { funnel: Funnel }) {
  const { coverage, coverage_min, coverage_met } = funnel;
  const stuck = STUCK.filter((reason) => funnel[reason] > 0);
  return (
    <section>
      <Tiles>
        <Tile label={text.tiles.proposed} value={formatCount(funnel.proposed)} />
        <Tile label={text.tiles.eligible} value={formatCount(funnel.eligible)} />
        <Tile label={text.tiles.reachable} value={formatCount(funnel.reachable)} />
        <Tile
          label={text.tiles.active}
          value={formatCount(funnel.active)}
          tone={coverage_met == null ? undefined : coverage_met ? "good" : "warn"}
          note={coverage == null ? undefined : text.tiles.share(formatShare(coverage), formatShare(coverage_min))}
        />
      </Tiles>
      {stuck.length > 0 && (
        <p className="mt-3 text-sm text-soft">
          {stuck.map((reason) => text.stuck[reason](funnel[reason])).join(" · ")}
        </p>
      )}
    </section>
  );
}
