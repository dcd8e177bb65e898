// The ledger's law, drawn as it is written: read = landed + duplicate + filtered + rejected.
import { clsx } from "clsx";
import { CircleCheck, CircleX } from "lucide-react";
import type { LedgerTotals } from "@/api/types";
import { formatCount } from "@/lib/format";
import { text } from "@/text/ledger";
import { Badge } from "@/ui/Badge";

export function Balance({ balanced }: { balanced: boolean }) {
  return balanced ? (
    <Badge tone="good">
      <CircleCheck aria-hidden="true" className="size-3.5" /> {text.balanced}
    </Badge>
  ) : (
    <Badge tone="bad">
      <CircleX aria-hidden="true" className="size-3.5" /> {text.notBalanced}
    </Badge>
  );
}

const TERMS = [
  { key: "read", sign: "" },
  { key: "landed", sign: "=" },
  { key: "duplicate", sign: "+" },
  { key: "filtered", sign: "+" },
  { key: "rejected", sign: "+" },
] as const;

export function Equation({ totals }: { totals: LedgerTotals }) {
  return (
    <dl className="flex flex-wrap items-start gap-x-4 gap-y-3 sm:gap-x-6">
      {TERMS.map((term) => (
        <div
          key={term.key}
          data-sign={term.sign}
          className={clsx(
            "relative flex flex-col-reverse before:absolute before:top-0 before:left-0 before:text-2xl before:leading-tight before:text-faint before:content-[attr(data-sign)]",
            term.sign !== "" && "pl-8 sm:pl-10",
          )}
        >
          <dt className="text-sm text-faint">{term.key}</dt>
          <dd
            className={clsx(
              "num text-2xl leading-tight font-bold",
              term.key === "rejected" && totals.rejected > 0 && "text-bad",
            )}
          >
            {formatCount(totals[term.key])}
          </dd>
        </div>
      ))}
    </dl>
  );
}
