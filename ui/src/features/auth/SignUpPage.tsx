// Sign-up: creates an organisation and its owner.
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { text } from "@/text/auth";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { AuthLayout, authLinkClass } from "./AuthLayout";
import { FormProblem } from "./FormProblem";
import { useEnter } from "./useEnter";

const route = getRouteApi("/sign-up");

export function SignUpPage() {
  const { next } = route.useSearch();
  const [form, setForm] = useState({ name: "", email: "", password: "" });
  const register = useEnter(
    (body: typeof form) => call(api.POST("/api/v1/auth/register", { body: { ...body, refresh: "cookie" } })),
    next,
  );

  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate({ ...form, email: form.email.trim() });
  };
  const bind = (name: keyof typeof form) => ({
    name,
    required: true,
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });

  return (
    <AuthLayout
      title={text.aosSignUp}
      heading={text.createAnAccount}
      lead={text.yourOrganisationsDataIsKeptApart}
      footer={
        <>
          {text.alreadyHaveOne}{" "}
          <Link to="/login" search={{ next }} className={authLinkClass}>
            {text.logIn}
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field label={text.organisation} autoComplete="organization" {...bind("name")} />
        <Field label={text.email} type="email" autoComplete="username" {...bind("email")} />
        <Field
          label={text.password}
          type="password"
          autoComplete="new-password"
          hint={text.longIsStrongAFewUnrelated}
          {...bind("password")}
        />
        {register.isError && <FormProblem error={register.error} />}
        <Button type="submit" tone="primary" disabled={register.isPending} className="mt-1">
          {register.isPending ? text.creating : text.createAccount}
        </Button>
      </form>
    </AuthLayout>
  );
}
