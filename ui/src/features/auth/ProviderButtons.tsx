// The other providers that one can sign in through, if the server knows any, and what went wrong at the last one.
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { providersQuery } from "@/api/queries";
import { session } from "@/api/session";
import { text } from "@/text/auth";
import { Button } from "@/ui/Button";
import { FormProblem } from "./FormProblem";

type Props = { next?: string | undefined; problem?: string | undefined; invitation?: string };

/** What a refused sign-in means, by the code that the way back carries. */
const SAID: Record<string, [string, string]> = {
  account_exists: [text.thereIsAnAccountWithThis, text.logInWithItsPasswordThen],
  email_not_verified: [text.theProviderDoesNotVouchFor, text.verifyTheAddressAtTheProvider],
  other_email: [text.theProviderKnowsYouByAnother, text.signInAtTheProviderWith],
  registration_closed: [text.nobodyRegistersHereByThemselves, text.askAnAdminOfYourOrganisation],
  invitation_gone: [text.thisInvitationIsNotGoodAny, text.askWhoeverInvitedYouForAnother],
  unknown_sign_in: [text.thisSignInTookTooLong, text.beginAgain],
  provider_refused: [text.theProviderLetNobodyIn, text.tryAgain],
};

function problemOf(code: string): ApiProblem {
  const [detail, next_step] = SAID[code] ?? [text.signingInThroughTheProviderDid, text.tryAgainInAMoment];
  return new ApiProblem(401, { code, detail, next_step });
}

export function ProviderButtons({ next, problem, invitation }: Props) {
  const providers = useQuery(providersQuery);
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
          {text.continueWith} {label}
        </Button>
      ))}
    </div>
  );
}
