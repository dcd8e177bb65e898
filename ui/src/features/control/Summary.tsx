// What a persona looks at first, counted now by the server. A tile that nothing fills says what to connect, or to do.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Persona, PersonaSummary, PersonaTile } from "@/api/types";
import { text } from "@/text/control";
import { AnswerTable } from "@/ui/AnswerTable";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { Tile, Tiles } from "@/ui/Tile";
import { isFinding, pageOf, partsOf } from "./parts";
import { summaryQuery } from "./queries";

export function Summary({ persona }: { persona: Persona }) {
  const summary = useQuery(summaryQuery(persona.id));
  return (
    <section aria-label={text.tilesOf(persona.name)} className="grid min-w-0 gap-5">
      <p className="text-soft">{persona.description}</p>
      <Query query={summary} loading={text.loading} framed>
        {(answer) => (
          <>
            <Tiles across={acrossOf(answer.tiles.length)}>
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

/** Leaves no hole in the last row where that can be had. */
const acrossOf = (tiles: number) => (tiles % 5 === 0 ? 5 : tiles % 3 === 0 ? 3 : 4);

function SummaryTile({ tile }: { tile: PersonaTile }) {
  const { value, part, others } = partsOf(tile);
  const page = pageOf(tile.fact);
  const isForPilot = value === null && isFinding(tile.fact);
  const note = tile.note ?? [part, others.length > 0 && text.moreParts(others.join(" · "))].filter(Boolean).join("; ");
  return (
    <Tile
      label={
        page ? (
          <Link to={page} aria-label={text.openPage(tile.title)} className="underline-offset-4 hover:underline">
            {tile.title}
          </Link>
        ) : (
          tile.title
        )
      }
      value={value}
      note={
        isForPilot && note ? (
          <Link to="/agents" className="font-semibold text-accent underline-offset-4 hover:underline">
            {note}
          </Link>
        ) : (
          note || undefined
        )
      }
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
      <AnswerTable label={table.title} columns={table.columns} rows={table.rows} />
    </Card>
  );
}
