// What agents ask leave for. A person approves or rejects; nothing happens before that.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMay } from "@/api/permissions";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/agents";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Pages } from "@/ui/Pages";
import { toast } from "@/ui/toasts";
import { proposalsQuery, useDecide } from "./queries";

export function Proposals() {
  const proposals = useInfiniteQuery(proposalsQuery);
  const decides = useMay("agents:decide") === true;
  const decide = useDecide();
  const say = (id: string, approve: boolean) =>
    decide.mutate(
      { id, approve },
      { onSuccess: () => toast.done(approve ? text.approved : text.rejected), onError: toast.failed },
    );
  return (
    <Card flush title={text.proposals}>
      <Pages
        query={proposals}
        loading={text.proposalsLoading}
        empty={<p className="px-5 pb-5 text-soft">{text.proposalsNone}</p>}
      >
        {(items) => (
          <ul>
            {items.map((proposal) => (
              <li
                key={proposal.id}
                data-proposal={proposal.id}
                className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3"
              >
                <div className="min-w-0 flex-1 basis-72">
                  <p className="flex flex-wrap items-center gap-2">
                    <Badge tone="agent">{proposal.task_kind}</Badge>
                    <span className="text-sm text-faint">
                      {text.byOf(proposal.agent, formatMoment(proposal.proposed_at))}
                    </span>
                  </p>
                  <p className="mt-1 break-words">{proposal.reason}</p>
                  <code className="mt-1 block font-mono text-xs break-all text-faint">
                    {JSON.stringify(proposal.payload)}
                  </code>
                </div>
                {decides && (
                  <span className="flex gap-2">
                    <Button small disabled={decide.isPending} onClick={() => say(proposal.id, false)}>
                      {text.reject}
                    </Button>
                    <Button small tone="primary" disabled={decide.isPending} onClick={() => say(proposal.id, true)}>
                      {text.approve}
                    </Button>
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Pages>
    </Card>
  );
}
