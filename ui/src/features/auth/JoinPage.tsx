// Joining a tenant by an invitation. Its token stands behind the `#` of the link, which browsers do not send to servers.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
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
      title="AOS Join"
      heading={invitation ? `Join ${invitation.tenant}` : "Join"}
      lead={invitation ? `You are invited as ${invitation.role}, with ${invitation.email}.` : "By invitation."}
      footer={
        <>
          Have an account?{" "}
          <Link to="/login" className={authLinkClass}>
            Log in
          </Link>
        </>
      }
    >
      {invited.isPending && <Loading label="Looking at the invitation" rows={3} />}
      {invited.isError && <FormProblem error={invited.error} />}
      {invitation && (
        <>
          <form onSubmit={submit} className="grid gap-4">
            <Field label="Your name" autoComplete="name" {...bind("name")} />
            <Field
              label="Password"
              type="password"
              autoComplete="new-password"
              hint="Long is strong: a few unrelated words work well."
              {...bind("password")}
            />
            {join.isError && <FormProblem error={join.error} />}
            <Button type="submit" tone="primary" disabled={join.isPending} className="mt-1">
              {join.isPending ? "Joining…" : "Join"}
            </Button>
          </form>
          <ProviderButtons invitation={token} />
        </>
      )}
    </AuthLayout>
  );
}
