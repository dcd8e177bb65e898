// Sign-up: creates an organisation and its owner.
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
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
      title="AOS Sign up"
      heading="Create an account"
      lead="Your organisation's data is kept apart from everyone else's."
      footer={
        <>
          Already have one?{" "}
          <Link to="/login" search={{ next }} className={authLinkClass}>
            Log in
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field label="Organisation" autoComplete="organization" {...bind("name")} />
        <Field label="E-mail" type="email" autoComplete="username" {...bind("email")} />
        <Field
          label="Password"
          type="password"
          autoComplete="new-password"
          hint="Long is strong: a few unrelated words work well."
          {...bind("password")}
        />
        {register.isError && <FormProblem error={register.error} />}
        <Button type="submit" tone="primary" disabled={register.isPending} className="mt-1">
          {register.isPending ? "Creating…" : "Create account"}
        </Button>
      </form>
    </AuthLayout>
  );
}
