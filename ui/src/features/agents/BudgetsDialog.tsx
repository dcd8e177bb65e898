// What an agent may use in a day. What is left empty has no limit of its own; the tenant's limits hold all the same.
import { type FormEvent, useState } from "react";
import type { AgentSettings } from "@/api/types";
import { text } from "@/text/agents";
import { text as parts } from "@/text/parts";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { type Budgets, budgetsOf, writtenBudgets } from "./budgets";

type Props = {
  name: string;
  budgets: AgentSettings["budgets"];
  busy: boolean;
  onSave: (budgets: Budgets) => void;
  onClose: () => void;
};

export function BudgetsDialog({ name, budgets, busy, onSave, onClose }: Props) {
  const [written, setWritten] = useState(writtenBudgets(budgets));
  const bind = (meter: keyof typeof written) => ({
    type: "number",
    min: 0,
    inputMode: "decimal" as const,
    value: written[meter],
    onChange: (event: { target: { value: string } }) => setWritten({ ...written, [meter]: event.target.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(budgetsOf(written));
  };
  return (
    <Dialog title={text.budgetsOf(name)} lead={text.budgetsLead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label={text.meters.rows} hint={text.meterHints.rows} step={1} {...bind("rows")} />
          <Field label={text.meters.writes} hint={text.meterHints.writes} step={1} {...bind("writes")} />
          <Field label={text.meters.tokens} hint={text.meterHints.tokens} step={1} {...bind("tokens")} />
          <Field label={text.meters.dollars} hint={text.meterHints.dollars} step={0.01} {...bind("dollars")} />
        </div>
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="primary" disabled={busy}>
            {text.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
