// Where a question is typed, with some to begin with.
import { Send } from "lucide-react";
import type { FormEvent } from "react";
import { text } from "@/text/control";
import { Button } from "@/ui/Button";
import { inputClass } from "@/ui/Field";

const QUESTION_CHARS_MAX = 2_000;

type Props = {
  question: string;
  onQuestion: (question: string) => void;
  busy: boolean;
  suggestions: string[];
  onAsk: (question: string) => void;
};

export function AskForm({ question, onQuestion, busy, suggestions, onAsk }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (question.trim() !== "") onAsk(question.trim());
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <div className="flex flex-wrap gap-3">
        <input
          aria-label={text.question}
          placeholder={text.placeholder}
          maxLength={QUESTION_CHARS_MAX}
          autoComplete="off"
          className={`${inputClass} min-h-11 min-w-0 flex-1 basis-64`}
          value={question}
          onChange={(event) => onQuestion(event.target.value)}
        />
        <Button type="submit" tone="primary" disabled={busy || question.trim() === ""}>
          <Send aria-hidden="true" className="size-4" /> {busy ? text.asking : text.ask}
        </Button>
      </div>
      {suggestions.length > 0 && (
        <ul aria-label={text.startWith} className="flex flex-wrap gap-2">
          {suggestions.map((suggestion) => (
            <li key={suggestion} className="min-w-0">
              <button
                type="button"
                disabled={busy}
                onClick={() => onAsk(suggestion)}
                className="min-h-9 max-w-full rounded-full border border-line-strong px-3.5 py-1 text-left text-sm font-semibold text-soft hover:bg-raised hover:text-ink"
              >
                {suggestion}
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
