// One entry of the audit trail: who did what when, and the details on demand.
import type { AuditEntry } from "@/api/types";
import { formatMoment, formatValue } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Badge, type BadgeTone } from "@/ui/Badge";

const text = all.audit;

function toneOf(action: string): BadgeTone {
  if (/\.(delete|deleted|remove|revoke|disable|cancel)$/.test(action)) return "warn";
  return /\.(create|add|accept|begin|put|set|enable)$/.test(action) ? "good" : "neutral";
}

export function AuditRow({ entry, who }: { entry: AuditEntry; who: string }) {
  const details = Object.entries(entry.detail as Record<string, unknown>);
  return (
    <li className="grid gap-x-4 gap-y-1 border-b border-line/60 px-5 py-3 text-sm sm:grid-cols-[10.5rem_minmax(0,1fr)]">
      <time dateTime={entry.at} className="num text-faint">
        {formatMoment(entry.at)}
      </time>
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="font-semibold break-all">{who}</span>
          <Badge tone={toneOf(entry.action)}>{entry.action}</Badge>
          <span className="min-w-0 font-mono text-xs break-all text-faint">{entry.resource}</span>
        </p>
        <details className="mt-1">
          <summary className="w-fit text-xs text-faint hover:text-ink">{text.detail}</summary>
          <dl className="mt-1 grid gap-x-4 gap-y-0.5 text-soft sm:grid-cols-[max-content_minmax(0,1fr)]">
            {details.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="font-mono text-xs text-faint">{name}</dt>
                <dd className="break-words">{formatValue(value) || "–"}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-1 font-mono text-xs break-all text-faint">
            {[entry.seq !== null && text.place(entry.seq), entry.trace_id && text.trace(entry.trace_id)]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </details>
      </div>
    </li>
  );
}
