// Finds columns and the fields they feed by a part of any name, leads to the lineage of each, and shows its field alone in the picture.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, Focus } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { lineageQuery } from "@/api/queries";
import type { FieldLineage } from "@/api/types";
import { text as all } from "@/text/tables";
import { Button } from "@/ui/Button";
import { Confidence } from "@/ui/Confidence";
import { inputClass } from "@/ui/Field";
import { Query } from "@/ui/Query";

const text = all.lineage;
const SHOWN_MAX = 20;
const LINES = 6;

type Props = { onShow: (line: FieldLineage) => void };

export function LineageSearch({ onShow }: Props) {
  const [typed, setTyped] = useState("");
  const wanted = useDeferredValue(typed.trim());
  const lines = useQuery(lineageQuery(wanted, SHOWN_MAX));
  return (
    <div className="grid gap-3 pb-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5">
        <input
          type="search"
          aria-label={text.label}
          placeholder={text.placeholder}
          className={`${inputClass} min-h-10 flex-1 basis-64 text-sm sm:max-w-md`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Link
          to="/lineage"
          search={wanted ? { search: wanted } : {}}
          className="ml-auto text-sm font-semibold text-accent underline-offset-4 hover:underline"
        >
          {text.all}
        </Link>
      </div>
      <Query query={lines} loading={text.loading} rows={LINES}>
        {({ items }) =>
          items.length === 0 ? (
            <p role="status" className="px-5 py-6 text-center text-soft">
              {wanted ? text.none(wanted) : text.nothing}
            </p>
          ) : (
            <>
              <p role="status" className="num px-5 text-sm text-faint">
                {text.found(items.length, SHOWN_MAX)}
              </p>
              <ul className="max-h-[30rem] overflow-y-auto">
                {items.map((line) => (
                  <Line
                    key={`${line.source}/${line.table}/${line.column}/${line.entity}.${line.field}`}
                    {...{ line, onShow }}
                  />
                ))}
              </ul>
            </>
          )
        }
      </Query>
    </div>
  );
}

function Line({ line, onShow }: Props & { line: FieldLineage }) {
  const { source, table, column, entity, field, confidence } = line;
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-5 py-1.5 text-sm">
      <span className="min-w-0 font-mono text-[0.8125rem] break-all">
        <span className="text-source">{source}</span> {table}.{column}
      </span>
      <ArrowRight aria-label={text.feeds} className="size-3.5 shrink-0 text-faint" />
      <Link
        to="/lineage"
        search={{ field: `${entity}.${field}` }}
        className="min-w-0 font-mono text-[0.8125rem] font-semibold break-all text-ontology underline-offset-4 hover:underline"
      >
        {entity}.{field}
      </Link>
      <span className="ml-auto flex items-center gap-2">
        <Confidence value={confidence} />
        <Button small aria-label={text.showOf(entity, field)} title={text.show} onClick={() => onShow(line)}>
          <Focus aria-hidden="true" className="size-4" />
        </Button>
      </span>
    </li>
  );
}
