// Items that were marked in the queue, to be decided alike: all of one table together, or none of them.
import { useState } from "react";
import { text as all } from "@/text/review";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/Dialog";
import { toast } from "@/ui/toasts";
import { useDecideMany } from "./queries";

const text = all.many;

type Props = { ids: string[]; onDone: () => void };

export function Marked({ ids, onDone }: Props) {
  const [asking, setAsking] = useState<"approve" | "reject" | null>(null);
  const decide = useDecideMany();
  if (ids.length === 0) return null;
  return (
    <section
      aria-label={text.label}
      className="flex flex-wrap items-center gap-2 border-t border-line bg-raised px-5 py-3 text-sm"
    >
      <span role="status" className="num mr-auto font-semibold">
        {text.marked(ids.length)}
      </span>
      <Button small onClick={onDone}>
        {text.unmark}
      </Button>
      <Button small tone="danger" onClick={() => setAsking("reject")}>
        {text.reject}
      </Button>
      <Button small tone="primary" onClick={() => setAsking("approve")}>
        {text.approve}
      </Button>
      {asking && (
        <ConfirmDialog
          title={asking === "approve" ? text.approveTitle(ids.length) : text.rejectTitle(ids.length)}
          confirm={asking === "approve" ? text.approve : text.reject}
          busy={decide.isPending}
          onClose={() => setAsking(null)}
          onConfirm={() =>
            decide.mutate(
              { decision: asking, ids },
              {
                onSuccess: () => {
                  toast.done(text.done(ids.length));
                  onDone();
                },
                onError: toast.failed,
                onSettled: () => setAsking(null),
              },
            )
          }
        >
          {asking === "approve" ? text.approveLead : text.rejectLead}
        </ConfirmDialog>
      )}
    </section>
  );
}
