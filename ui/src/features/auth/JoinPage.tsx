// Joining a tenant by an invitation. Its token stands behind the `#` of the link, which browsers do not send to servers.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { text } from "@/text/auth";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Loading } from "@/ui/States";
import { AuthLayout, authLinkClass } from "./AuthLayout";
import { FormProblem } from "./FormProblem";
import { ProviderButtons } from "./ProviderButtons";
import { useEnter } from "./useEnter";

export function JoinPage() {
  const [token] = useState(() => window.location.hash.slice(1));
  const [form, setForm] = useState({ name: "", password: "" });
  const invited = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => call(api.POST("/api/v1/auth/invitations/look", { body: { token } })),
    retry: false,
  });
  const join = useEnter(
    (body: typeof form) =>
      call(api.POST("/api/v1/auth/invitations/accept", { body: { ...body, token, refresh: "cookie" } })),
    "/",
  );

  const submit = (event: FormEvent) => {
    event.preventDefault();
    join.mutate(form);
  };
  const bind = (name: keyof typeof form) => ({
    name,
    required: true,
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });

  const invitation = invited.data;
  return (
    <AuthLayout
      title={text.aosJoin}
      heading={invitation ? text.join(invitation.tenant) : text.joinNow}
      lead={invitation ? text.youAreInvitedAsWith(invitation.role, invitation.email) : text.byInvitation}
      footer={
        <>
          {text.haveAnAccount}{" "}
          <Link to="/login" className={authLinkClass}>
            {text.logIn}
          </Link>
        </>
      }
    >
      {invited.isPending && <Loading label={text.lookingAtTheInvitation} rows={3} />}
      {invited.isError && <FormProblem error={invited.error} />}
      {invitation && (
        <>
          <form onSubmit={submit} className="grid gap-4">
            <Field label={text.yourName} autoComplete="name" {...bind("name")} />
            <Field
              label={text.password}
              type="password"
              autoComplete="new-password"
              hint={text.longIsStrongAFewUnrelated}
              {...bind("password")}
            />
            {join.isError && <FormProblem error={join.error} />}
            <Button type="submit" tone="primary" disabled={join.isPending} className="mt-1">
              {join.isPending ? text.joining : text.joinNow}
            </Button>
          </form>
          <ProviderButtons invitation={token} />
        </>
      )}
    </AuthLayout>
  );
}
