// The sources to choose from. A list of thousands is filtered and shown in steps, so that choosing stays quick.
import { useMemo, useState } from "react";
import type { Connection } from "@/api/types";
import { text } from "@/text/connect";
import { Button } from "@/ui/Button";
import { CheckRow } from "@/ui/CheckRow";
import { inputClass } from "@/ui/Field";
import type { RunProgress } from "./runProgress";
import { SourceRow } from "./SourceRow";

const FILTERED_FROM = 30;
const SHOWN_STEP = 100;

type Props = {
  connections: Connection[];
  chosen: Set<string>;
  run: RunProgress | null;
  disabled: boolean;
  onToggle: (name: string, checked: boolean) => void;
};

export function SourceList({ connections, chosen, run, disabled, onToggle }: Props) {
  const [filter, setFilter] = useState("");
  const [most, setMost] = useState(SHOWN_STEP);
  const wanted = filter.trim().toLowerCase();
  const fitting = connections.filter(({ name }) => name.toLowerCase().includes(wanted));
  const progress = useMemo(() => new Map(run?.sources.map((source) => [source.source, source])), [run]);
  return (
    <>
      {connections.length >= FILTERED_FROM && (
        <input
          type="search"
          aria-label={text.filterSources}
          placeholder={text.filterSources}
          className={`${inputClass} mx-2 my-1 min-h-9 w-[calc(100%-1rem)] text-sm`}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {fitting.slice(0, most).map((connection) => (
        <CheckRow
          key={connection.id}
          label={connection.name}
          checked={chosen.has(connection.name)}
          disabled={disabled}
          onChange={(checked) => onToggle(connection.name, checked)}
        >
          <SourceRow connection={connection} progress={progress.get(connection.name) ?? progress.get(connection.id)} />
        </CheckRow>
      ))}
      {fitting.length > most && (
        <p className="flex items-center gap-3 px-2 pt-2 text-sm text-faint">
          {text.sourcesShown(most, fitting.length)}
          <Button small onClick={() => setMost(most + SHOWN_STEP)}>
            {text.showMore}
          </Button>
        </p>
      )}
    </>
  );
}
