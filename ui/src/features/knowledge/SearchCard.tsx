// A question to the documents, and what was found: the text, where it stands, and how it was found.
import { Search, ThumbsDown, ThumbsUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { KnowledgeMatch } from "@/api/types";
import { text } from "@/text/knowledge";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { inputClass } from "@/ui/Field";
import { Empty, Failure, Loading } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { useSay, useSearch } from "./queries";

const QUERY_CHARS_MAX = 2_000;

export function SearchCard({ onOpen }: { onOpen: (id: string) => void }) {
  const [query, setQuery] = useState("");
  const search = useSearch();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (query.trim() !== "") search.mutate(query.trim());
  };
  return (
    <Card flush>
      <form onSubmit={submit} className="flex flex-wrap gap-3 p-5">
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.placeholder}
          maxLength={QUERY_CHARS_MAX}
          className={`${inputClass} min-h-11 min-w-0 flex-1 basis-64`}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <Button type="submit" tone="primary" disabled={search.isPending || query.trim() === ""}>
          <Search aria-hidden="true" className="size-4" /> {search.isPending ? text.finding : text.find}
        </Button>
      </form>
      <div aria-live="polite">
        {search.isPending && <Loading label={text.finding} rows={3} />}
        {search.isError && <Failure error={search.error} />}
        {search.data && (
          <section aria-label={text.found}>
            <p className="px-5 pb-3 text-sm text-faint">
              {text.modes[search.data.mode] ?? search.data.mode}
              {search.data.note && `. ${search.data.note}`}
            </p>
            {search.data.matches.length === 0 ? (
              <Empty icon={Search} title={text.nothingFound}>
                {text.nothingFoundLead}
              </Empty>
            ) : (
              <ol>
                {search.data.matches.map((match) => (
                  <Match
                    key={`${match.document_id}/${match.chunk}`}
                    match={match}
                    query={search.data.query}
                    onOpen={() => onOpen(match.document_id)}
                  />
                ))}
              </ol>
            )}
          </section>
        )}
      </div>
    </Card>
  );
}

type MatchProps = { match: KnowledgeMatch; query: string; onOpen: () => void };

function Match({ match, query, onOpen }: MatchProps) {
  const say = useSay();
  const rate = (rating: "up" | "down") =>
    say.mutate(
      { query, rating, document_id: match.document_id, chunk: match.chunk },
      { onSuccess: () => toast.done(text.said), onError: toast.failed },
    );
  const place = [
    match.page != null && text.page(match.page),
    text.characters(match.characters.from, match.characters.to),
    text.ranks(match.text_rank ?? null, match.vector_rank ?? null),
  ];
  return (
    <li data-match={match.location} className="grid gap-1.5 border-t border-line px-5 py-4">
      <p className="flex flex-wrap items-center gap-2">
        <button
          type="button"
          onClick={onOpen}
          className="min-w-0 text-left font-semibold break-words text-accent underline-offset-4 hover:underline"
        >
          <bdi>{match.citation}</bdi>
        </button>
        {match.marks.map((mark) => (
          <Badge key={mark} tone="warn">
            {`${text.marked}: ${mark}`}
          </Badge>
        ))}
      </p>
      <p className="break-words whitespace-pre-line text-soft">{match.snippet}</p>
      <div className="flex flex-wrap items-center gap-2 text-sm text-faint">
        <span className="num">{place.filter(Boolean).join(" · ")}</span>
        <span className="ml-auto flex gap-1">
          <Button
            small
            aria-label={text.useful}
            aria-pressed={say.variables?.rating === "up"}
            onClick={() => rate("up")}
          >
            <ThumbsUp aria-hidden="true" className="size-4" />
          </Button>
          <Button
            small
            aria-label={text.notUseful}
            aria-pressed={say.variables?.rating === "down"}
            onClick={() => rate("down")}
          >
            <ThumbsDown aria-hidden="true" className="size-4" />
          </Button>
        </span>
      </div>
    </li>
  );
}
