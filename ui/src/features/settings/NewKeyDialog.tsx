// Makes an API key and shows it, once. The dialog that shows it closes only on purpose.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { permissionsQuery } from "@/api/queries";
import { useUser } from "@/api/session";
import type { NewApiKey, Role } from "@/api/types";
import { text as parts } from "@/text/parts";
import { text as all } from "@/text/settings";
import { Button } from "@/ui/Button";
import { CheckRow } from "@/ui/CheckRow";
import { CopyField } from "@/ui/CopyField";
import { Dialog } from "@/ui/Dialog";
import { Field, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { useMakeKey } from "./queries";
import { rolesUpTo } from "./roles";

const text = all.keys;
const DAYS_AT_FIRST = 90;

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const make = useMakeKey();
  if (make.data) return <KeyReady made={make.data} onClose={onClose} />;
  return (
    <Dialog title={text.make} lead={text.lead} onClose={onClose} wide>
      <NewKeyForm make={make} onClose={onClose} />
    </Dialog>
  );
}

function NewKeyForm({ make, onClose }: { make: ReturnType<typeof useMakeKey>; onClose: () => void }) {
  const user = useUser();
  const permissions = useQuery(permissionsQuery);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const [days, setDays] = useState<number>(DAYS_AT_FIRST);
  const [narrowed, setNarrowed] = useState(false);
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set());
  // A key is at most an admin's.
  const roles = rolesUpTo(user?.role ?? "viewer").filter((known) => known !== "owner");
  const given = permissions.data?.decisions.filter((decision) => decision.allowed) ?? [];
  const unfinished = narrowed && scopes.size === 0;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (unfinished) return;
    make.mutate({ name: name.trim(), role, expires_in_days: days, ...(narrowed && { scopes: [...scopes] }) });
  };
  const tick = (scope: string, ticked: boolean) => {
    const next = new Set(scopes);
    if (ticked) next.add(scope);
    else next.delete(scope);
    setScopes(next);
  };

  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field
        label={text.name}
        hint={text.nameHint}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={text.role}
          hint={all.roles[role]}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
        >
          {roles.map((known) => (
            <option key={known} value={known}>
              {known}
            </option>
          ))}
        </SelectField>
        <SelectField label={text.days} value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {text.dayChoices.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
      </div>
      <fieldset className="grid gap-1">
        <legend className="mb-1 text-sm font-semibold">{text.scopes}</legend>
        {[false, true].map((only) => (
          <label key={String(only)} className="flex min-h-9 cursor-pointer items-center gap-3">
            <input
              type="radio"
              name="narrowed"
              className="size-[1.1rem] accent-accent"
              checked={narrowed === only}
              onChange={() => setNarrowed(only)}
            />
            {only ? text.only : text.whole}
          </label>
        ))}
        {narrowed && (
          <div className="max-h-56 overflow-y-auto rounded-xl border border-line p-2">
            {given.map(({ action, reason }) => (
              <CheckRow
                key={action}
                label={action}
                checked={scopes.has(action)}
                onChange={(ticked) => tick(action, ticked)}
              >
                <span className="block font-mono text-[0.8125rem]">{action}</span>
                <span className="block text-xs text-faint">{reason.replace(/^the role `\w+` (may )?/, "")}</span>
              </CheckRow>
            ))}
          </div>
        )}
        {unfinished && <p className="text-sm text-soft">{text.scopesMissing}</p>}
      </fieldset>
      {make.isError && <Failure error={make.error} />}
      <div className="flex justify-end gap-2">
        <Button small onClick={onClose}>
          {parts.cancel}
        </Button>
        <Button small type="submit" tone="primary" disabled={make.isPending || unfinished}>
          {make.isPending ? text.making : text.make}
        </Button>
      </div>
    </form>
  );
}

function KeyReady({ made, onClose }: { made: NewApiKey; onClose: () => void }) {
  return (
    <Dialog title={`${text.ready} “${made.name}”`} lead={text.readyLead} onClose={() => undefined} wide>
      <CopyField label={text.value} value={made.key} />
      <div className="grid gap-1.5">
        <p className="text-sm font-semibold">{text.use}</p>
        <pre className="overflow-x-auto rounded-xl bg-bg px-3.5 py-2.5 font-mono text-[0.8125rem] text-soft">
          {`curl -H "Authorization: Bearer $KEY" ${window.location.origin}/api/v1/auth/me`}
        </pre>
      </div>
      <div className="flex justify-end">
        <Button small tone="primary" onClick={onClose}>
          {text.stored}
        </Button>
      </div>
    </Dialog>
  );
}
