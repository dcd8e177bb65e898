// One question and what became of it: on its way, answered, refused, or not reached.
import type { QuestionRefused } from "@/api/types";
import { text } from "@/text/control";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Said } from "@/ui/Said";
import { Failure, Loading } from "@/ui/States";
import { AnswerBody } from "./AnswerBody";
import { AskForIt } from "./AskForIt";
import type { Exchange } from "./queries";
import { Rating } from "./Rating";

/** Refusals of these kinds miss something that could be had. */
const GAPS = new Set(["not_understood", "not_possible", "no_data"]);

type Props = { exchange: Exchange; onSuggest: (words: string) => void };

export function ExchangeCard({ exchange, onSuggest }: Props) {
  const { question, outcome, error } = exchange;
  return (
    <Card flush>
      <h2 className="px-5 pt-4 pb-2 font-semibold break-words text-soft">
        <bdi>{question}</bdi>
      </h2>
      {outcome === undefined ? (
        error === undefined ? (
          <Loading label={text.asking} rows={2} />
        ) : (
          <Failure error={error} />
        )
      ) : outcome.outcome === "answered" && "answer" in outcome ? (
        <AnswerBody answer={outcome} />
      ) : (
        "refusal" in outcome && <Refused question={question} refused={outcome} onSuggest={onSuggest} />
      )}
    </Card>
  );
}

type RefusedProps = { question: string; refused: QuestionRefused; onSuggest: (words: string) => void };

function Refused({ question, refused, onSuggest }: RefusedProps) {
  const { code, reason, missing } = refused.refusal;
  // A currency or a grouping is added to what was asked; other words take the place of what was not known.
  const suggested = (word: string) => (code === "mixed_units" ? `${question.replace(/[\s?.!]+$/, "")} ${word}` : word);
  return (
    <div data-outcome="refused" className="grid gap-3 px-5 pb-5">
      <p className="flex flex-wrap items-center gap-2.5">
        <Badge tone="warn">{text.codes[code] ?? code}</Badge>
        <span className="text-lg font-bold">{text.refused}</span>
      </p>
      <p className="break-words">
        <Said>{reason}</Said>
      </p>
      <ul className="grid gap-2">
        {missing.map(({ what, near }) => (
          <li key={what} className="flex flex-wrap items-center gap-2 text-sm">
            <span className="font-semibold break-words">{text.missing(what, code)}</span>
            <span className="text-faint">{near.length > 0 ? text.near(code) : text.nothingNear(code)}</span>
            {near.map((word) => (
              <button
                key={word}
                type="button"
                className="min-h-8 rounded-full border border-line-strong px-3 font-semibold hover:bg-raised"
                onClick={() => onSuggest(suggested(word))}
              >
                {word}
              </button>
            ))}
          </li>
        ))}
      </ul>
      {missing.length > 0 && GAPS.has(code) && <AskForIt id={refused.id} />}
      <Rating id={refused.id} />
    </div>
  );
}
