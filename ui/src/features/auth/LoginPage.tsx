// Login. On a demo server the server itself says which login to offer.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { healthQuery } from "@/api/queries";
import { session } from "@/api/session";
import { text } from "@/text/auth";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { AuthLayout, authLinkClass } from "./AuthLayout";
import { FormProblem } from "./FormProblem";
import { ProviderButtons } from "./ProviderButtons";
import { useEnter } from "./useEnter";

const route = getRouteApi("/login");

export function LoginPage() {
  const { next, problem } = route.useSearch();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const health = useQuery(healthQuery);
  const login = useEnter(
    (body: { email: string; password: string }) =>
      call(api.POST("/api/v1/auth/login", { body: { ...body, refresh: "cookie" } })),
    next,
  );
  const demo = health.data?.demo;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ email: email.trim(), password });
  };

  return (
    <AuthLayout
      title={text.aosLogIn}
      heading={text.logIn}
      lead={session.hasEnded() ? text.yourSessionHasEndedLogIn : text.welcomeBack}
      footer={
        <>
          {text.newHere}{" "}
          <Link to="/sign-up" search={{ next }} className={authLinkClass}>
            {text.createAnAccount}
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field
          label={text.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Field
          label={text.password}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {login.isError && <FormProblem error={login.error} />}
        <Button type="submit" tone="primary" disabled={login.isPending} className="mt-1">
          {login.isPending ? text.loggingIn : text.logIn}
        </Button>
      </form>
      <ProviderButtons next={next} problem={problem} />
      {demo && (
        <div className="mt-6 border-t border-line pt-5">
          <p className="text-sm text-soft">{text.thisIsADemoServerWith}</p>
          <Button className="mt-3 w-full" disabled={login.isPending} onClick={() => login.mutate(demo)}>
            {text.logInAs} {demo.email}
          </Button>
        </div>
      )}
    </AuthLayout>
  );
}
