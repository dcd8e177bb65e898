// The field above the records: a few words are looked for in all entities at once.
import { getRouteApi } from "@tanstack/react-router";
import { Search, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { text } from "@/text/records";
import { Button } from "@/ui/Button";
import { inputClass } from "@/ui/Field";
import { SEARCH_CHARS_MAX } from "./search";

const route = getRouteApi("/shell/records");

export function SearchForm({ words }: { words: string | undefined }) {
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(words ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ search: (previous) => ({ entity: previous.entity, search: typed.trim() || undefined }) });
  };
  return (
    <form role="search" onSubmit={submit} className="flex max-w-2xl items-center gap-2">
      <div className="relative min-w-0 flex-1">
        <Search aria-hidden="true" className="absolute top-1/2 left-3.5 size-4 -translate-y-1/2 text-faint" />
        <input
          type="text"
          aria-label={text.searchAll}
          placeholder={text.searchAll}
          maxLength={SEARCH_CHARS_MAX}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className={`${inputClass} min-h-11 pl-10`}
        />
      </div>
      <Button type="submit">{text.search}</Button>
      {words && (
        <Button
          aria-label={text.endSearch}
          className="px-3!"
          onClick={() => void navigate({ search: (previous) => ({ entity: previous.entity }) })}
        >
          <X aria-hidden="true" className="size-4" />
        </Button>
      )}
    </form>
  );
}
