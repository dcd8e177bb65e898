// Records of every entity in which a few words stand: what each is called, where it is from, and the way to all that fit.
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { api, call } from "@/api/client";
import type { OntologyEntity, ViewPage } from "@/api/types";
import { formatValue } from "@/lib/format";
import { nameFrom } from "@/lib/naming";
import { formatRecordKey } from "@/lib/recordKey";
import { text } from "@/text/records";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Empty, Failure, Loading } from "@/ui/States";
import { type Way, waysTo } from "./find";

const SHOWN_PER_WAY = 8;
const SHOWN_PER_ENTITY = 10;

const foundQuery = (entity: string, filter: Way) => ({
  queryKey: ["records", entity, "found", filter],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    call(
      api.GET("/api/v1/dcl/views/{entity}", {
        signal,
        params: { path: { entity }, query: { limit: SHOWN_PER_WAY, filter } },
      }),
    ),
});

export function Found({ entities, words }: { entities: OntologyEntity[]; words: string }) {
  const ways = entities
    .filter(({ records }) => records > 0)
    .flatMap((entity) => waysTo(entity, words).map((way) => ({ entity, way })));
  const asked = useQueries({ queries: ways.map(({ entity, way }) => foundQuery(entity.name, way)) });
  const found = ways.flatMap((way, at) => {
    const page = asked[at]?.data;
    return page && page.total > 0 ? [{ ...way, page }] : [];
  });
  const refused = asked.find((query) => query.isError);
  const waiting = asked.some((query) => query.isPending);
  const listed = entities.filter((entity) => found.some((one) => one.entity === entity));
  return (
    <section aria-label={text.foundFor(words)} className="grid gap-4">
      {listed.map((entity) => (
        <Card key={entity.name} flush title={entity.label}>
          <Hits entity={entity} words={words} found={found.filter((one) => one.entity === entity)} />
        </Card>
      ))}
      {waiting && listed.length === 0 && (
        <Card flush>
          <Loading label={text.lookingFor(words)} rows={4} />
        </Card>
      )}
      {!waiting && listed.length === 0 && (
        <Card flush>
          {refused ? (
            <Failure error={refused.error} retry={() => void refused.refetch()} />
          ) : (
            <Empty icon={SearchX} title={text.foundNothing(words)}>
              {text.foundNothingLead}
            </Empty>
          )}
        </Card>
      )}
    </section>
  );
}

type HitsProps = { entity: OntologyEntity; words: string; found: { way: Way; page: ViewPage }[] };

/** A record that is found in two ways is one hit. */
function Hits({ entity, words, found }: HitsProps) {
  const hits = new Map(
    found.flatMap(({ page }) =>
      page.items.map((record) => [formatRecordKey(String(record._source), String(record._record_id)), record] as const),
    ),
  );
  // The way that finds the most leads on; the others find much the same.
  const [most] = [...found].sort((one, other) => other.page.total - one.page.total);
  return (
    <>
      <ul>
        {[...hits].slice(0, SHOWN_PER_ENTITY).map(([key, record]) => (
          <li key={key} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-5 py-2.5">
            <Link
              to="/records"
              search={{ entity: entity.name, search: words, record: key }}
              data-found={key}
              className="min-w-0 rounded font-semibold break-words text-accent underline-offset-4 hover:underline"
            >
              <bdi>{nameFrom((field) => formatValue(record[field])) ?? String(record._record_id)}</bdi>
            </Link>
            <Badge tone="source">{String(record._source)}</Badge>
            <span className="font-mono text-xs break-all text-faint">{String(record._record_id)}</span>
          </li>
        ))}
      </ul>
      {most && most.page.total > most.page.items.length && (
        <p className="border-t border-line px-5 py-2.5 text-sm">
          <Link
            to="/records"
            search={{ entity: entity.name, filter: most.way }}
            className="rounded font-semibold text-accent underline-offset-4 hover:underline"
          >
            {text.allOf(most.page.total, most.way)}
          </Link>
        </p>
      )}
    </>
  );
}
