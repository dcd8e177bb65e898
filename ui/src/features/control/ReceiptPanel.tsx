// The receipt of an answer: checked against its signature, and run again.
import { BadgeCheck, RotateCw } from "lucide-react";
import type { Receipt } from "@/api/types";
import { text } from "@/text/control";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/States";
import { useRerun, useVerify } from "./queries";

export function ReceiptPanel({ receipt }: { receipt: Receipt }) {
  const [verify, rerun] = [useVerify(), useRerun()];
  const failed = verify.error ?? rerun.error;
  return (
    <section aria-label={text.receipt} className="mx-5 grid gap-2 rounded-xl border border-line bg-bg/40 p-4 text-sm">
      <p className="text-soft">{text.receiptLead}</p>
      <p className="font-mono text-xs break-all text-faint">{receipt.rows_sha256}</p>
      <div className="flex flex-wrap gap-2">
        <Button small disabled={verify.isPending} onClick={() => verify.mutate(receipt)}>
          <BadgeCheck aria-hidden="true" className="size-4" /> {text.verify}
        </Button>
        <Button small disabled={rerun.isPending} onClick={() => rerun.mutate(receipt.id)}>
          <RotateCw aria-hidden="true" className="size-4" /> {text.rerun}
        </Button>
      </div>
      <div aria-live="polite" className="grid gap-1">
        {verify.data && (
          <p className={verify.data.genuine ? "text-good" : "text-bad"}>
            {verify.data.genuine ? text.genuine : text.notGenuine}
          </p>
        )}
        {rerun.data && (
          <div className={rerun.data.same ? "text-good" : "text-warn"}>
            <p>{rerun.data.same ? text.same : text.changed}</p>
            <ul className="list-disc pl-5">
              {rerun.data.why.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
      {failed && <Failure error={failed} />}
    </section>
  );
}
