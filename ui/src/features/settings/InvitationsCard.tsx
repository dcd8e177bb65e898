// Who was invited, and what became of it.
import { useInfiniteQuery } from "@tanstack/react-query";
import { MailPlus } from "lucide-react";
import type { Invitation } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Badge, type BadgeTone } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { invitationsQuery, useTakeBack } from "./queries";

const text = all.invitations;

type State = keyof typeof text.state;
const TONES: Record<State, BadgeTone> = { open: "ontology", accepted: "good", revoked: "neutral", expired: "warn" };

export function stateOf(invitation: Invitation, nowMs: number): State {
  if (invitation.accepted_at) return "accepted";
  if (invitation.revoked_at) return "revoked";
  return Date.parse(invitation.expires_at) <= nowMs ? "expired" : "open";
}

export function InvitationsCard() {
  const invitations = useInfiniteQuery(invitationsQuery);
  const takeBack = useTakeBack();
  return (
    <Card flush title={text.title}>
      <Pages
        query={invitations}
        loading={text.loading}
        empty={
          <Empty icon={MailPlus} title={text.none}>
            {text.noneLead}
          </Empty>
        }
      >
        {(items) => (
          <ul>
            {items.map((invitation) => {
              const state = stateOf(invitation, Date.now());
              return (
                <li
                  key={invitation.id}
                  data-invitation={invitation.email}
                  className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3"
                >
                  <div className="min-w-0 flex-1">
                    <p className="truncate font-semibold">{invitation.email}</p>
                    <p className="text-sm text-soft">
                      {invitation.role} · {all.when.created} {formatMoment(invitation.created_at)}
                      {state === "open" && ` · ${all.when.expires} ${formatMoment(invitation.expires_at)}`}
                    </p>
                  </div>
                  <Badge tone={TONES[state]}>{text.state[state]}</Badge>
                  {state === "open" && (
                    <Button
                      small
                      aria-label={text.takeOne(invitation.email)}
                      disabled={takeBack.isPending}
                      onClick={() =>
                        takeBack.mutate(invitation.id, {
                          onSuccess: () => toast.done(text.taken),
                          onError: toast.failed,
                        })
                      }
                    >
                      {text.take}
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Pages>
    </Card>
  );
}
