// What a look at the source found.
import { CircleAlert, CircleCheck } from "lucide-react";
import type { CheckInfo } from "@/api/types";
import { formatCount } from "@/lib/format";
import { text as all } from "@/text/connections";

const text = all.actions;

export function CheckNote({ check }: { check: CheckInfo }) {
  const Icon = check.ok ? CircleCheck : CircleAlert;
  const notes = [
    text.checkTook(check.latency_ms),
    check.identity && text.identity(check.identity),
    check.allowance && all.quota(formatCount(check.allowance.requests_left), formatCount(check.allowance.requests_max)),
    check.skipped.length > 0 && text.skipped(check.skipped.length),
  ].filter(Boolean);
  return (
    <div
      role="status"
      className={`flex gap-3 rounded-xl border p-4 ${check.ok ? "border-good/40 bg-good/10" : "border-bad/40 bg-bad/10"}`}
    >
      <Icon aria-hidden="true" className={`mt-0.5 size-5 shrink-0 ${check.ok ? "text-good" : "text-bad"}`} />
      <div className="grid min-w-0 gap-1 text-sm">
        <p className="font-semibold">{check.ok ? text.checkOk : text.checkBad}</p>
        <p className="break-words text-soft">{check.message}</p>
        {check.next_step && <p className="break-words text-soft">{check.next_step}</p>}
        <p className="num text-faint">{notes.join(" · ")}</p>
        {check.skipped.length > 0 && (
          <ul className="list-disc pl-5 text-faint">
            {check.skipped.map((file) => (
              <li key={file} className="break-all">
                {file}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
