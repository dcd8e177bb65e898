// What the owner of the account gave leave for, and the way to ask for it in this browser.
import { useMay } from "@/api/permissions";
import type { Connection } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/connections";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/States";
import { StatusDot } from "@/ui/StatusDot";
import { toast } from "@/ui/toasts";
import { useAskConsent, useForgetGrant } from "./queries";

const text = all.consent;

/** Whether the connection rests on leave that its owner gives. */
export const restsOnConsent = (connection: Connection): boolean =>
  Boolean(connection.grant) ||
  connection.credential_locator === "consent:" ||
  (connection.config as Record<string, unknown>).auth === "authorization_code";

export function ConsentSection({ connection }: { connection: Connection }) {
  const writes = useMay("connections:write") === true;
  const [ask, forget] = [useAskConsent(), useForgetGrant()];
  const { grant } = connection;
  const begin = () =>
    ask.mutate(connection.id, { onSuccess: ({ authorization_url }) => window.location.assign(authorization_url) });
  return (
    <section className="grid gap-2">
      <h3 className="font-bold">{text.title}</h3>
      <p className="text-sm text-soft">{text.lead}</p>
      {grant ? (
        <div className="grid gap-1 text-sm">
          <StatusDot tone={grant.state === "active" ? "good" : grant.state === "transient" ? "warn" : "bad"}>
            {text.states[grant.state] ?? grant.state}, {text.since(formatMoment(grant.given_at))}
          </StatusDot>
          {grant.scopes.length > 0 && <p className="break-words text-faint">{text.scopes(grant.scopes.join(", "))}</p>}
          {grant.message && <p className="break-words text-bad">{grant.message}</p>}
        </div>
      ) : (
        <p className="text-sm">{text.none}</p>
      )}
      {writes && (
        <div className="flex flex-wrap gap-2">
          <Button small tone={grant ? "quiet" : "primary"} disabled={ask.isPending || ask.isSuccess} onClick={begin}>
            {ask.isPending || ask.isSuccess ? text.asking : grant ? text.askAgain : text.ask}
          </Button>
          {grant && (
            <Button
              small
              tone="danger"
              disabled={forget.isPending}
              onClick={() =>
                forget.mutate(connection.id, { onSuccess: () => toast.done(text.forgotten), onError: toast.failed })
              }
            >
              {text.forget}
            </Button>
          )}
        </div>
      )}
      {ask.isError && <Failure error={ask.error} />}
    </section>
  );
}
