// What a persona looks at first, counted now by the server. A tile that nothing fills says what to connect.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Persona, PersonaSummary, PersonaTile } from "@/api/types";
import { formatValue } from "@/lib/format";
import { text } from "@/text/control";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { Tile, Tiles } from "@/ui/Tile";
import { summaryQuery } from "./queries";
import { Rows } from "./Rows";

export function Summary({ persona }: { persona: Persona }) {
  const summary = useQuery(summaryQuery(persona.id));
  return (
    <section aria-label={text.tilesOf(persona.name)} className="grid min-w-0 gap-5">
      <p className="text-soft">{persona.description}</p>
      <Query query={summary} loading={text.loading} framed>
        {(answer) => (
          <>
            <Tiles>
              {answer.tiles.map((tile) => (
                <SummaryTile key={tile.key} tile={tile} />
              ))}
            </Tiles>
            <TableCard table={answer.table} />
          </>
        )}
      </Query>
    </section>
  );
}

function SummaryTile({ tile }: { tile: PersonaTile }) {
  const values = tile.values.map(({ value, currency }) =>
    [formatValue(value, "decimal"), currency].filter(Boolean).join(" "),
  );
  const [first, ...others] = values;
  return (
    <Tile
      label={tile.title}
      value={first ?? null}
      note={tile.note ?? (others.length > 0 ? others.join(" · ") : undefined)}
    />
  );
}

function TableCard({ table }: { table: PersonaSummary["table"] }) {
  if (table.rows.length === 0) {
    return (
      <Card title={table.title}>
        <p className="text-soft">{table.note ?? text.nothingToCount}</p>
        {table.note && (
          <Link
            to="/connections"
            search={{ add: "choose" }}
            className="font-semibold text-accent underline-offset-4 hover:underline"
          >
            {text.connect}
          </Link>
        )}
      </Card>
    );
  }
  return (
    <Card flush title={table.title}>
      <Rows label={table.title} columns={table.columns} rows={table.rows} />
    </Card>
  );
}
