// The person's own: who they are, password, sessions, providers, and what the policy lets them do.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Check, Minus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { meQuery, permissionsQuery, providersQuery } from "@/api/queries";
import { text as all } from "@/text/settings";
import { Badge } from "@/ui/Badge";
import { Below } from "@/ui/Below";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { ProgramsCard } from "./ProgramsCard";
import { useChangePassword } from "./queries";
import { SessionsCard } from "./SessionsCard";

const text = all.profile;

export function ProfileSection() {
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <div className="grid gap-5">
        <YouCard />
        <SessionsCard />
        <Below>
          <ProvidersCard />
        </Below>
      </div>
      <div className="grid gap-5">
        <PasswordCard />
        <ProgramsCard />
        <Below>
          <PermissionsCard />
        </Below>
      </div>
    </div>
  );
}

function YouCard() {
  const me = useQuery(meQuery);
  return (
    <Card title={text.you}>
      <Query query={me} loading={text.loading}>
        {({ user, tenant }) => (
          <dl className="grid gap-x-6 gap-y-2.5 sm:grid-cols-[7rem_minmax(0,1fr)]">
            <dt className="text-faint">{text.name}</dt>
            <dd className="font-semibold break-words">{user?.name}</dd>
            <dt className="text-faint">{text.email}</dt>
            <dd className="break-words">{user?.email}</dd>
            <dt className="text-faint">{text.tenant}</dt>
            <dd className="break-words">{tenant.name}</dd>
            <dt className="text-faint">{text.role}</dt>
            <dd>{user && <Badge tone="ontology">{user.role}</Badge>}</dd>
          </dl>
        )}
      </Query>
    </Card>
  );
}

const EMPTY = { current_password: "", new_password: "" };

function PasswordCard() {
  const [form, setForm] = useState(EMPTY);
  const change = useChangePassword();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(form, {
      onSuccess: () => {
        setForm(EMPTY);
        toast.done(text.changed);
      },
    });
  };
  return (
    <Card title={text.password}>
      <p className="-mt-1 mb-4 text-sm text-soft">{text.passwordLead}</p>
      <form onSubmit={submit} className="grid max-w-md gap-4">
        <Field
          label={text.current}
          type="password"
          autoComplete="current-password"
          required
          value={form.current_password}
          onChange={(event) => setForm({ ...form, current_password: event.target.value })}
        />
        <Field
          label={text.next}
          type="password"
          autoComplete="new-password"
          minLength={10}
          maxLength={128}
          required
          hint={text.nextHint}
          value={form.new_password}
          onChange={(event) => setForm({ ...form, new_password: event.target.value })}
        />
        <div>
          <Button type="submit" small tone="primary" disabled={change.isPending}>
            {change.isPending ? text.changing : text.change}
          </Button>
        </div>
      </form>
      {change.isError && <Failure error={change.error} />}
    </Card>
  );
}

function PermissionsCard() {
  const permissions = useQuery(permissionsQuery);
  return (
    <Card title={text.may} flush>
      <p className="-mt-2 px-5 pb-3 text-sm text-soft">{text.mayLead}</p>
      <Query query={permissions} loading={text.loading}>
        {({ decisions }) => (
          <ul
            aria-label={text.may}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
            tabIndex={0}
            className="max-h-80 overflow-y-auto border-t border-line px-5 py-3 text-sm"
          >
            {decisions.map(({ action, allowed, reason }) => (
              <li key={action} title={reason} className="flex items-center gap-2.5 py-1">
                {allowed ? (
                  <Check aria-hidden="true" className="size-4 shrink-0 text-good" />
                ) : (
                  <Minus aria-hidden="true" className="size-4 shrink-0 text-faint" />
                )}
                <span className="font-mono text-[0.8125rem]">{action}</span>
                <span className={allowed ? "ml-auto text-good" : "ml-auto text-faint"}>
                  {allowed ? text.yes : text.no}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Query>
    </Card>
  );
}

function ProvidersCard() {
  const providers = useQuery(providersQuery);
  const link = useMutation({
    mutationFn: (provider: string) =>
      call(
        api.POST("/api/v1/auth/oidc/{provider}/link", {
          params: { path: { provider } },
          body: { return_to: "/settings/profile" },
        }),
      ),
    onSuccess: ({ authorization_url }) => window.location.assign(authorization_url),
    onError: toast.failed,
  });
  const items = providers.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title={text.providers}>
      <p className="-mt-1 mb-4 text-sm text-soft">{text.providersLead}</p>
      <div className="flex flex-wrap gap-2">
        {items.map(({ name, label }) => (
          <Button key={name} small disabled={link.isPending} onClick={() => link.mutate(name)}>
            {text.link(label)}
          </Button>
        ))}
      </div>
    </Card>
  );
}
