// Choosing another password by a link. Its token stands behind the `#`, which browsers do not send to servers.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/auth";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Loading } from "@/ui/States";
import { AuthLayout, authLinkClass } from "./AuthLayout";
import { FormProblem } from "./FormProblem";
import { useEnter } from "./useEnter";

const PASSWORD_CHARS_MIN = 10;

export function ResetPage() {
  const [token] = useState(() => window.location.hash.slice(1));
  const [password, setPassword] = useState("");
  const account = useQuery({
    queryKey: ["password-reset", token],
    queryFn: () => call(api.POST("/api/v1/auth/password-resets/look", { body: { token } })),
    retry: false,
  });
  const redeem = useEnter(
    (chosen: string) =>
      call(api.POST("/api/v1/auth/password-resets/redeem", { body: { token, password: chosen, refresh: "cookie" } })),
    "/",
  );

  const submit = (event: FormEvent) => {
    event.preventDefault();
    redeem.mutate(password);
  };
  const known = account.data;
  return (
    <AuthLayout
      title={text.aosReset}
      heading={text.anotherPassword}
      lead={known ? text.goodUntil(formatMoment(known.expires_at)) : text.byALinkOfAnAdmin}
      footer={
        <>
          {text.rememberIt}{" "}
          <Link to="/login" className={authLinkClass}>
            {text.logIn}
          </Link>
        </>
      }
    >
      {account.isPending && <Loading label={text.lookingAtTheLink} rows={2} />}
      {account.isError && <FormProblem error={account.error} />}
      {known && (
        <form onSubmit={submit} className="grid gap-4">
          <Field label={text.email} name="email" type="email" autoComplete="username" readOnly value={known.email} />
          <Field
            label={text.newPassword}
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={PASSWORD_CHARS_MIN}
            hint={text.longIsStrongAFewUnrelated}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <p className="text-sm text-soft">{text.sessionsEnd}</p>
          {redeem.isError && <FormProblem error={redeem.error} />}
          <Button type="submit" tone="primary" disabled={redeem.isPending}>
            {redeem.isPending ? text.changing : text.changeAndLogIn}
          </Button>
        </form>
      )}
    </AuthLayout>
  );
}
