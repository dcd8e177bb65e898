// The programs that the person lets act for them, with the way to stop each.
import { useQuery } from "@tanstack/react-query";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { toast } from "@/ui/toasts";
import { programsQuery, useStopProgram } from "./queries";

const text = all.profile;

export function ProgramsCard() {
  const programs = useQuery(programsQuery);
  const stop = useStopProgram();
  return (
    <Card title={text.programs} flush>
      <p className="-mt-2 px-5 pb-3 text-sm text-soft">{text.programsLead}</p>
      <Query query={programs} loading={text.programsLoading}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="border-t border-line px-5 py-3 text-sm text-faint">{text.programsNone}</p>
          ) : (
            <ul>
              {items.map(({ id, name, redirect_uri, scopes, created_at, expires_at }) => (
                <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3">
                  <div className="grid min-w-0 flex-1 gap-1 text-sm">
                    <p className="font-semibold break-words">
                      <bdi>{name}</bdi>
                    </p>
                    <p className="flex flex-wrap gap-1.5">
                      {scopes.map((scope) => (
                        <Badge key={scope} tone="agent">
                          {scope}
                        </Badge>
                      ))}
                    </p>
                    <p className="text-soft">
                      {text.programsUntil(formatMoment(created_at), formatMoment(expires_at))}
                    </p>
                    <p className="break-all text-faint">{text.programsTo(redirect_uri)}</p>
                  </div>
                  <Button
                    small
                    tone="danger"
                    aria-label={text.programStopOne(name)}
                    disabled={stop.isPending}
                    onClick={() =>
                      stop.mutate(id, { onSuccess: () => toast.done(text.programStopped), onError: toast.failed })
                    }
                  >
                    {text.programStop}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Query>
    </Card>
  );
}
