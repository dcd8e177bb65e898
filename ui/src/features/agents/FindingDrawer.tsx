// One finding: what it means, its evidence, the SQL that shows it again, and what people say of it.
import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/api/permissions";
import type { Finding } from "@/api/types";
import { fieldLabel } from "@/lib/fieldLabel";
import { formatMoment, formatValue, words } from "@/lib/format";
import { text } from "@/text/agents";
import { AnswerTable } from "@/ui/AnswerTable";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Confidence } from "@/ui/Confidence";
import { CopyField } from "@/ui/CopyField";
import { Drawer } from "@/ui/Drawer";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { titleOf } from "./FindingRows";
import { findingQuery, useJudge, useRunSql, type Verdict } from "./queries";

const WEEK_MS = 7 * 86_400_000;

type Props = {
  /** As its list had it; what is said of it here changes it. */
  found: Finding;
  onClose: () => void;
};

export function FindingDrawer({ found, onClose }: Props) {
  const { data: finding } = useQuery({ ...findingQuery(found.id), initialData: found });
  const judges = useMay("agents:run") === true;
  const judge = useJudge();
  const { means, evidence, sql } = finding.body as { means?: unknown; evidence?: unknown; sql?: unknown };
  const say = (verdict: Verdict) =>
    judge.mutate({ id: finding.id, verdict }, { onSuccess: () => toast.done(text.said), onError: toast.failed });
  return (
    <Drawer
      title={<bdi>{titleOf(finding)}</bdi>}
      onClose={onClose}
      summary={
        <>
          <Badge tone="agent">{words(finding.kind)}</Badge>
          <span className="num font-semibold">
            {finding.amount === null ? text.notPriced : text.exactly(finding.amount, finding.currency)}
          </span>
          {finding.confidence != null && <Confidence value={finding.confidence} />}
        </>
      }
    >
      <div className="grid grid-cols-1 gap-5 px-5 pt-5 sm:px-6">
        {typeof means === "string" && (
          <section>
            <h3 className="font-bold">{text.means}</h3>
            <p className="mt-1 text-soft">{means}</p>
          </section>
        )}
        <section>
          <h3 className="mb-1 font-bold">{text.evidence}</h3>
          <Evidence evidence={evidence} />
        </section>
        {typeof sql === "string" && (
          <section className="grid grid-cols-1 gap-2">
            <h3 className="font-bold">{text.sql}</h3>
            <CopyField label={text.sql} value={sql} />
            <Again sql={sql} />
          </section>
        )}
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-faint">
          <span>{`${text.firstSeen} ${formatMoment(finding.first_seen_at)}`}</span>
          <span>{`${text.lastSeen} ${formatMoment(finding.last_seen_at)}`}</span>
          <span>{text.seen(finding.times_seen)}</span>
        </p>
        {judges && (
          <div className="flex flex-wrap gap-2">
            <Button
              small
              aria-pressed={finding.feedback === "useful"}
              disabled={judge.isPending}
              onClick={() => say({ feedback: "useful" })}
            >
              {text.useful}
            </Button>
            <Button
              small
              aria-pressed={finding.feedback === "not_useful"}
              disabled={judge.isPending}
              onClick={() => say({ feedback: "not_useful" })}
            >
              {text.notUseful}
            </Button>
            <Button
              small
              disabled={judge.isPending}
              onClick={() => say({ ignored_until: new Date(Date.now() + WEEK_MS).toISOString() })}
            >
              {text.ignoreWeek}
            </Button>
          </div>
        )}
      </div>
    </Drawer>
  );
}

/** Runs the statement again, so that anyone sees whether it is still so. */
function Again({ sql }: { sql: string }) {
  const run = useRunSql();
  return (
    <>
      <div>
        <Button small disabled={run.isPending} onClick={() => run.mutate(sql)}>
          {run.isPending ? text.running : text.runAgain}
        </Button>
      </div>
      {run.isError && <Failure error={run.error} />}
      {run.data &&
        (run.data.rows.length === 0 ? (
          <p role="status" className="text-sm text-soft">
            {text.noLonger}
          </p>
        ) : (
          <div className="rounded-xl border border-line">
            <AnswerTable label={text.sql} columns={run.data.columns.map(({ name }) => name)} rows={run.data.rows} />
          </div>
        ))}
    </>
  );
}

/** Evidence is a record of what was seen, or several of them; each value is shown under its own name. */
function Evidence({ evidence }: { evidence: unknown }) {
  const rows = Array.isArray(evidence) ? evidence : [evidence];
  return (
    <div className="grid gap-3">
      {rows.map((row, index) => (
        <dl
          // biome-ignore lint/suspicious/noArrayIndexKey: evidence is never reordered
          key={index}
          className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1 rounded-xl border border-line bg-bg/40 p-3 text-sm"
        >
          {Object.entries(row !== null && typeof row === "object" ? row : { value: row }).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-faint">{fieldLabel(name)}</dt>
              <dd className="num break-words">{formatValue(value) || "–"}</dd>
            </div>
          ))}
        </dl>
      ))}
    </div>
  );
}
