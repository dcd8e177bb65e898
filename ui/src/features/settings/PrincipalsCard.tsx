// Applications that act for themselves at services: their names and versions, and the way to put a new secret in place of an old one.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useMay } from "@/api/permissions";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ConfirmDialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { type NewPrincipal, principalsQuery, useForgetPrincipal, useKeepPrincipal } from "./queries";

const text = all.secrets;

export function PrincipalsCard() {
  const principals = useQuery(principalsQuery);
  const writes = useMay("connections:write") === true;
  const forget = useForgetPrincipal();
  const [leaving, setLeaving] = useState<string | null>(null);
  return (
    <Card flush title={text.principals}>
      <p className="-mt-1 px-5 pb-4 text-sm text-soft">{text.principalsLead}</p>
      <Query query={principals} loading={text.principalsLoading}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="px-5 pb-5 text-faint">{text.principalsNone}</p>
          ) : (
            <ul>
              {items.map(({ name, version, changed_at }) => (
                <li key={name} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3">
                  <span className="min-w-0 flex-1">
                    <span className="block font-mono text-sm font-semibold break-all">{`sp:${name}`}</span>
                    <span className="block text-sm text-soft">
                      {text.version(version)} · {formatMoment(changed_at)}
                    </span>
                  </span>
                  {writes && (
                    <Button small tone="danger" aria-label={text.forgetOne(name)} onClick={() => setLeaving(name)}>
                      {text.forget}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Query>
      {writes && <PrincipalForm />}
      {leaving && (
        <ConfirmDialog
          title={text.forgetOne(leaving)}
          confirm={text.forget}
          busy={forget.isPending}
          onClose={() => setLeaving(null)}
          onConfirm={() =>
            forget.mutate(leaving, {
              onSuccess: () => toast.done(text.forgotten(leaving)),
              onError: toast.failed,
              onSettled: () => setLeaving(null),
            })
          }
        >
          {text.forgetLead}
        </ConfirmDialog>
      )}
    </Card>
  );
}

const EMPTY: NewPrincipal = { name: "", client_id: "", client_secret: "" };

function PrincipalForm() {
  const [form, setForm] = useState(EMPTY);
  const keep = useKeepPrincipal();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const name = form.name.trim();
    keep.mutate(
      { ...form, name },
      {
        onSuccess: () => {
          setForm(EMPTY);
          toast.done(text.principalKept(name));
        },
      },
    );
  };
  const bind = (name: keyof NewPrincipal) => ({
    required: true,
    autoComplete: "off",
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  return (
    <details className="border-t border-line px-5 py-4">
      <summary className="w-fit font-semibold text-accent">{text.add}</summary>
      <form onSubmit={submit} className="mt-4 grid max-w-md gap-4">
        <Field label={text.principalName} maxLength={100} {...bind("name")} />
        <Field label={text.clientId} {...bind("client_id")} />
        <Field label={text.clientSecret} type="password" {...bind("client_secret")} autoComplete="new-password" />
        {keep.isError && <Failure error={keep.error} />}
        <div>
          <Button type="submit" small tone="primary" disabled={keep.isPending}>
            {keep.isPending ? text.keeping : text.keep}
          </Button>
        </div>
      </form>
    </details>
  );
}
