// Makes a link by which a member chooses another password, and shows it, once.
import type { User } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text as parts } from "@/text/parts";
import { text as all } from "@/text/settings";
import { Button } from "@/ui/Button";
import { CopyField } from "@/ui/CopyField";
import { Dialog } from "@/ui/Dialog";
import { Failure } from "@/ui/States";
import { linkOf } from "./linkOf";
import { useResetPassword } from "./queries";

const text = all.resets;

export function ResetDialog({ member, onClose }: { member: User; onClose: () => void }) {
  const reset = useResetPassword();
  const name = member.name || member.email;
  if (reset.data) {
    return (
      <Dialog title={text.ready(name)} lead={text.readyLead(formatMoment(reset.data.expires_at))} onClose={onClose}>
        <CopyField label={text.link} value={linkOf(reset.data.link)} />
        <div className="flex justify-end">
          <Button small tone="primary" onClick={onClose}>
            {text.done}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={text.dialog(name)} lead={text.dialogLead(name)} onClose={onClose}>
      {reset.isError && <Failure error={reset.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button small onClick={onClose}>
          {parts.cancel}
        </Button>
        <Button small tone="primary" disabled={reset.isPending} onClick={() => reset.mutate(member.id)}>
          {reset.isPending ? text.making : text.make}
        </Button>
      </div>
    </Dialog>
  );
}
