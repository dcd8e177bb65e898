// Where the person is signed in, with the way to end each.
import { useQuery } from "@tanstack/react-query";
import { session } from "@/api/session";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { toast } from "@/ui/toasts";
import { sessionsQuery, useEndSession } from "./queries";

const text = all.profile;

export function SessionsCard() {
  const sessions = useQuery(sessionsQuery);
  const end = useEndSession();
  const endOne = (id: string, current: boolean) =>
    end.mutate(id, {
      onSuccess: () => (current ? session.logout() : toast.done(text.ended)),
      onError: toast.failed,
    });
  return (
    <Card title={text.sessions} flush>
      <p className="-mt-2 px-5 pb-3 text-sm text-soft">{text.sessionsLead}</p>
      <Query query={sessions} loading={text.sessionsLoading}>
        {({ items }) => (
          <ul>
            {items.map((item) => (
              <li key={item.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3">
                <div className="min-w-0 flex-1 text-sm">
                  <p className="flex flex-wrap items-center gap-2 font-semibold">
                    {text.since} {formatMoment(item.created_at)}
                    {item.current && <Badge tone="good">{text.thisOne}</Badge>}
                  </p>
                  <p className="text-soft">
                    {text.method} {item.method} · {text.renewed} {formatMoment(item.renewed_at)}
                  </p>
                </div>
                <Button
                  small
                  tone="danger"
                  aria-label={text.endOne(formatMoment(item.created_at))}
                  disabled={end.isPending}
                  onClick={() => endOne(item.id, item.current)}
                >
                  {text.end}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Query>
    </Card>
  );
}
