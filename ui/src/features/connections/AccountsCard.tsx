// The accounts at sources that connections share: what is left of their quotas, and whether they are left alone for a while.
import type { MeshMetrics } from "@/api/types";
import { formatCount, formatMoment } from "@/lib/format";
import { text } from "@/text/connections";
import { Card } from "@/ui/Card";
import { StatusDot } from "@/ui/StatusDot";

export function AccountsCard({ accounts }: { accounts: MeshMetrics["accounts"] }) {
  return (
    <Card title={text.accounts} flush>
      <p className="-mt-1 px-5 pb-3 text-sm text-soft">{text.accountsLead}</p>
      <ul>
        {accounts.map((account) => (
          <li key={account.account} className="grid gap-1 border-t border-line px-5 py-3 text-sm">
            <p className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
              <span className="min-w-0 font-mono text-[0.8125rem] break-all">{account.account}</span>
              <StatusDot tone={account.circuit === "closed" ? "good" : account.circuit === "open" ? "bad" : "warn"}>
                {text.circuits[account.circuit] ?? account.circuit}
              </StatusDot>
            </p>
            <p className="num text-faint">
              {account.requests_left != null &&
                account.requests_max != null &&
                text.quota(formatCount(account.requests_left), formatCount(account.requests_max))}
              {account.paused_until && ` · ${text.pausedUntil(formatMoment(account.paused_until))}`}
            </p>
            {account.last_error && account.circuit !== "closed" && (
              <p className="break-words text-bad">{account.last_error}</p>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
