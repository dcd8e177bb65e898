// The ledger's law, drawn as it is written: read = landed + duplicate + filtered + rejected.
import { CircleCheck, CircleX } from "lucide-react";
import { Fragment } from "react";
import type { LedgerTotals } from "@/api/types";
import { formatCount } from "@/lib/format";
import { Badge } from "@/ui/Badge";

export function Balance({ balanced }: { balanced: boolean }) {
  return balanced ? (
    <Badge tone="good">
      <CircleCheck aria-hidden="true" className="size-3.5" /> balanced
    </Badge>
  ) : (
    <Badge tone="bad">
      <CircleX aria-hidden="true" className="size-3.5" /> not balanced
    </Badge>
  );
}

const TERMS = [
  { key: "landed", sign: "=" },
  { key: "duplicate", sign: "+" },
  { key: "filtered", sign: "+" },
  { key: "rejected", sign: "+" },
] as const;

export function Equation({ totals }: { totals: LedgerTotals }) {
  return (
    <dl className="flex flex-wrap items-start gap-x-4 gap-y-3 sm:gap-x-6">
      <Term name="read" value={totals.read} />
      {TERMS.map((term) => (
        <Fragment key={term.key}>
          <span aria-hidden="true" className="text-2xl leading-tight text-faint">
            {term.sign}
          </span>
          <Term name={term.key} value={totals[term.key]} bad={term.key === "rejected" && totals.rejected > 0} />
        </Fragment>
      ))}
    </dl>
  );
}

function Term({ name, value, bad = false }: { name: string; value: number; bad?: boolean }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-sm text-faint">{name}</dt>
      <dd className={`num text-2xl leading-tight font-bold ${bad ? "text-bad" : ""}`}>{formatCount(value)}</dd>
    </div>
  );
}
