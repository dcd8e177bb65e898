// Buttons, and what opens over the page.
import { Plus } from "lucide-react";
import { useState } from "react";
import { ApiProblem } from "@/api/problem";
import { text } from "@/text/design";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { ConfirmDialog, Dialog } from "@/ui/Dialog";
import { Drawer } from "@/ui/Drawer";
import { toast } from "@/ui/toasts";

export function ButtonsAndFeedback() {
  const [open, setOpen] = useState<"dialog" | "confirm" | "drawer" | null>(null);
  const close = () => setOpen(null);
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <Card title={text.sections.buttons}>
        <div className="flex flex-wrap items-center gap-3">
          <Button tone="primary">Primary</Button>
          <Button>Quiet</Button>
          <Button tone="danger">Danger</Button>
          <Button tone="primary" disabled>
            Disabled
          </Button>
          <Button small>
            <Plus aria-hidden="true" className="size-4" /> Small
          </Button>
        </div>
        <div className="mt-5">
          <CopyField label="A command" value="autonomos connect ./exports" />
        </div>
      </Card>
      <Card title={text.sections.feedback}>
        <div className="flex flex-wrap gap-3">
          {(["dialog", "confirm", "drawer"] as const).map((kind) => (
            <Button key={kind} small onClick={() => setOpen(kind)}>
              {text.open[kind]}
            </Button>
          ))}
          <Button small onClick={() => toast.done(text.sampleDone)}>
            {text.open.done}
          </Button>
          <Button small onClick={() => toast.failed(ApiProblem.unreachable())}>
            {text.open.failed}
          </Button>
        </div>
      </Card>
      {open === "dialog" && (
        <Dialog title={text.open.dialog} lead={text.longName} onClose={close}>
          <Button onClick={close}>Close</Button>
        </Dialog>
      )}
      {open === "confirm" && (
        <ConfirmDialog title={text.open.confirm} confirm="Do it" onConfirm={close} onClose={close}>
          {text.lead}
        </ConfirmDialog>
      )}
      {open === "drawer" && (
        <Drawer title={text.open.drawer} summary={text.lead} onClose={close}>
          <p className="p-5">{text.longName}</p>
        </Drawer>
      )}
    </div>
  );
}
