// What was asked before, by anybody of the organisation.
import { useInfiniteQuery } from "@tanstack/react-query";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/control";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Pages } from "@/ui/Pages";
import { Said } from "@/ui/Said";
import { earlierQuery } from "./queries";

export function Earlier({ onAsk }: { onAsk: (question: string) => void }) {
  const earlier = useInfiniteQuery(earlierQuery);
  return (
    <Card flush title={text.earlier}>
      <Pages
        query={earlier}
        loading={text.earlierLoading}
        empty={<p className="px-5 pb-5 text-soft">{text.earlierNone}</p>}
      >
        {(items) => (
          <ul>
            {items.map((item) => (
              <li key={item.id} className="grid gap-1 border-t border-line px-5 py-3">
                <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <button
                    type="button"
                    aria-label={text.askAgain(item.question)}
                    className="min-w-0 text-left font-semibold break-words text-accent underline-offset-4 hover:underline"
                    onClick={() => onAsk(item.question)}
                  >
                    {item.question}
                  </button>
                  <Badge tone={item.refusal ? "warn" : "good"}>
                    {item.refusal ? (text.codes[item.refusal.code] ?? item.refusal.code) : text.answered}
                  </Badge>
                  <time dateTime={item.asked_at} className="ml-auto text-sm text-faint">
                    {formatMoment(item.asked_at)}
                  </time>
                </p>
                {(item.answer ?? item.refusal?.reason) && (
                  <p className="text-sm break-words text-soft">
                    <Said>{item.answer ?? item.refusal?.reason ?? ""}</Said>
                  </p>
                )}
              </li>
            ))}
          </ul>
        )}
      </Pages>
    </Card>
  );
}
