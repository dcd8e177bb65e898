// The other providers that one can sign in through, if the server knows any, and what went wrong at the last one.
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { session } from "@/api/session";
import { Button } from "@/ui/Button";
import { FormProblem } from "./FormProblem";

type Props = { next?: string | undefined; problem?: string | undefined; invitation?: string };

/** What a refused sign-in means, by the code that the way back carries. */
const SAID: Record<string, [string, string]> = {
  account_exists: [
    "There is an account with this e-mail address already.",
    "Log in with its password, then link the provider from your profile.",
  ],
  email_not_verified: [
    "The provider does not vouch for your e-mail address.",
    "Verify the address at the provider, then try again.",
  ],
  other_email: [
    "The provider knows you by another e-mail address.",
    "Sign in at the provider with the address that was invited.",
  ],
  registration_closed: ["Nobody registers here by themselves.", "Ask an admin of your company to invite you."],
  invitation_gone: ["This invitation is not good any more.", "Ask whoever invited you for another one."],
  unknown_sign_in: ["This sign-in took too long or was begun in another browser.", "Begin again."],
  provider_refused: ["The provider let nobody in.", "Try again."],
};

function problemOf(code: string): ApiProblem {
  const [detail, next_step] = SAID[code] ?? ["Signing in through the provider did not work.", "Try again in a moment."];
  return new ApiProblem(401, { code, detail, next_step });
}

export function ProviderButtons({ next, problem, invitation }: Props) {
  const providers = useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => call(api.GET("/api/v1/auth/providers", { signal })),
  });
  const start = useMutation({
    mutationFn: (provider: string) =>
      call(
        api.POST("/api/v1/auth/oidc/{provider}/start", {
          params: { path: { provider } },
          body: { return_to: next ?? "/", ...(invitation ? { invitation } : {}) },
        }),
      ),
    onSuccess: ({ authorization_url }) => {
      session.expectReturn();
      window.location.assign(authorization_url);
    },
  });
  const items = providers.data?.items ?? [];
  const refused = start.isError ? start.error : problem ? problemOf(problem) : null;
  if (items.length === 0 && !refused) return null;
  return (
    <div className="mt-6 grid gap-3 border-t border-line pt-5">
      {refused && <FormProblem error={refused} />}
      {items.map(({ name, label }) => (
        <Button key={name} disabled={start.isPending} onClick={() => start.mutate(name)}>
          Continue with {label}
        </Button>
      ))}
    </div>
  );
}
