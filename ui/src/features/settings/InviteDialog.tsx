// Makes an invitation and shows its link, once.
import { type FormEvent, useState } from "react";
import { useUser } from "@/api/session";
import type { Role } from "@/api/types";
import { text as parts } from "@/text/parts";
import { text as all } from "@/text/settings";
import { Button } from "@/ui/Button";
import { CopyField } from "@/ui/CopyField";
import { Dialog } from "@/ui/Dialog";
import { Field, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { linkOf } from "./linkOf";
import { useInvite } from "./queries";
import { rolesUpTo } from "./roles";

const text = all.invitations;

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const user = useUser();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const invite = useInvite();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ email: email.trim(), role });
  };

  if (invite.data) {
    return (
      <Dialog title={text.ready(invite.data.email)} lead={text.readyLead} onClose={onClose}>
        <CopyField label={text.link} value={linkOf(invite.data.link)} />
        <div className="flex justify-end">
          <Button small tone="primary" onClick={onClose}>
            {text.done}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={text.dialog} lead={text.dialogLead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label={text.email}
          type="email"
          autoComplete="off"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <SelectField
          label={text.role}
          hint={all.roles[role]}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
        >
          {rolesUpTo(user?.role ?? "viewer").map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </SelectField>
        {invite.isError && <Failure error={invite.error} />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="primary" disabled={invite.isPending}>
            {invite.isPending ? text.making : text.make}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
