// A refusal that misses something: puts it before people, who see how often it is asked for.
import { Inbox } from "lucide-react";
import { text } from "@/text/control";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toasts";
import { useReportGap } from "./queries";

export function AskForIt({ id }: { id: string }) {
  const report = useReportGap();
  if (report.data) {
    return <p className="text-sm text-soft">{text.gapAsked(report.data.what, report.data.asked, report.data.state)}</p>;
  }
  return (
    <div>
      <Button small disabled={report.isPending} onClick={() => report.mutate(id, { onError: toast.failed })}>
        <Inbox aria-hidden="true" className="size-4" /> {text.askForIt}
      </Button>
    </div>
  );
}
