// An answer: the sentence, its rows, what it rests on, and its receipt.
import type { QuestionAnswered } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { text } from "@/text/control";
import { AnswerTable } from "@/ui/AnswerTable";
import { Badge } from "@/ui/Badge";
import { Confidence } from "@/ui/Confidence";
import { CopyField } from "@/ui/CopyField";
import { Said } from "@/ui/Said";
import { Rating } from "./Rating";
import { ReceiptPanel } from "./ReceiptPanel";

export function AnswerBody({ answer }: { answer: QuestionAnswered }) {
  const { columns, rows, notes, truncated } = answer;
  return (
    <div data-outcome="answered" className="grid min-w-0 gap-4 pb-5">
      <div className="grid gap-1.5 px-5">
        <p className="text-lg font-bold break-words">{answer.answer}</p>
        {notes.map((note) => (
          <p key={note} className="text-sm text-faint">
            <Said>{note}</Said>
          </p>
        ))}
        {answer.counted && <p className="text-sm text-soft">{text.counted(Object.keys(answer.counted.unified_at))}</p>}
        {answer.receipt.masked && <p className="text-sm text-faint">{text.masked}</p>}
      </div>
      {rows.length > 1 || columns.length > 1 ? (
        <div className="min-w-0">
          <AnswerTable label={text.rowsOf} columns={columns} rows={rows} />
          {truncated && <p className="px-5 pt-2 text-sm text-faint">{text.moreRows(rows.length)}</p>}
        </div>
      ) : null}
      <Grounds answer={answer} />
      <details className="px-5">
        <summary className="w-fit font-semibold text-soft hover:text-ink">{text.sql}</summary>
        <div className="mt-2 grid gap-3">
          <CopyField label={text.copySql} value={answer.sql} />
          <p className="text-sm font-semibold text-faint">{text.plan}</p>
          <pre className="overflow-x-auto rounded-xl border border-line bg-bg/40 p-3 font-mono text-[0.8125rem]">
            {JSON.stringify(answer.plan, null, 2)}
          </pre>
        </div>
      </details>
      <ReceiptPanel receipt={answer.receipt} />
      <div className="px-5">
        <Rating id={answer.id} />
      </div>
    </div>
  );
}

function Grounds({ answer }: { answer: QuestionAnswered }) {
  const { sources, freshness, weakest_confidence, mapping_versions } = answer;
  return (
    <section aria-label={text.grounds} className="grid gap-2 px-5 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <span className="text-faint">{text.sources}</span>
        {sources.map((source) => (
          <Badge key={source} tone="source">
            {source}
          </Badge>
        ))}
        <span className="text-faint">{text.fresh}</span>
        <span>{freshness ? formatAgo(freshness, Date.now()) : text.neverRead}</span>
        {weakest_confidence != null && (
          <>
            <span className="text-faint">{text.weakest}</span>
            <Confidence value={weakest_confidence} />
          </>
        )}
      </p>
      {mapping_versions.length > 0 && (
        <details>
          <summary className="w-fit text-faint hover:text-ink">{text.mappings}</summary>
          <ul className="mt-1 grid gap-0.5 text-soft">
            {mapping_versions.map(({ source, table, version }) => (
              <li key={`${source}/${table}`}>{text.mapping(source, table, version)}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
