// Asks for the password over the page when the server has ended the session, so that nothing that was typed is lost.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { session, useEndedFor } from "@/api/session";
import type { User } from "@/api/types";
import { text as all } from "@/text/app";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Failure } from "@/ui/States";

const text = all.ended;

export function SignInAgain() {
  const user = useEndedFor();
  return user && <SignInForm user={user} />;
}

function SignInForm({ user }: { user: User }) {
  const queryClient = useQueryClient();
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () =>
      call(api.POST("/api/v1/auth/login", { body: { email: user.email, password, refresh: "cookie" } })),
    onSuccess: (granted) => {
      session.begin(granted);
      void queryClient.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  return (
    // Escape must not leave a page behind that nothing answers.
    <Dialog title={text.title} lead={text.lead} onClose={() => undefined}>
      <form onSubmit={submit} className="grid gap-4">
        <p className="font-semibold break-words">{user.email}</p>
        <Field
          label={text.password}
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {login.isError && <Failure error={login.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button small onClick={() => session.logout()}>
            {text.other}
          </Button>
          <Button small type="submit" tone="primary" disabled={login.isPending}>
            {login.isPending ? text.loggingIn : text.logIn}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
