// Addresses that ended tasks are reported to, and the secret that calls are signed with, shown once when it is made.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Webhook } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import type { CallbackEndpoint } from "@/api/types";
import { text as all } from "@/text/settings";
import { Badge, type BadgeTone } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { Dialog } from "@/ui/Dialog";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { callbacksQuery, useEnableCallback, useNewCallbackSecret } from "./queries";

const text = all.notifications;
const TONES: Record<CallbackEndpoint["state"], BadgeTone> = { working: "good", failing: "warn", disabled: "bad" };

export function CallbacksCard() {
  const endpoints = useInfiniteQuery(callbacksQuery);
  const manages = useMay("notifications:manage") === true;
  const newSecret = useNewCallbackSecret();
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Card flush title={text.callbacks}>
      <p className="-mt-1 px-5 pb-3 text-sm text-soft">{text.callbacksLead}</p>
      <Pages
        query={endpoints}
        loading={text.callbacksLoading}
        empty={
          <Empty icon={Webhook} title={text.callbacksNone}>
            {text.callbacksNoneLead}
          </Empty>
        }
      >
        {(items) => (
          <ul>
            {items.map((endpoint) => (
              <EndpointRow key={endpoint.id} endpoint={endpoint} manages={manages} />
            ))}
          </ul>
        )}
      </Pages>
      {manages && (
        <div className="flex flex-wrap items-center gap-x-5 gap-y-3 border-t border-line px-5 py-4">
          <div className="min-w-0 flex-1 basis-56">
            <p className="font-semibold">{text.secret}</p>
            <p className="text-sm text-soft">{text.secretLead}</p>
          </div>
          <Button
            small
            disabled={newSecret.isPending}
            onClick={() =>
              newSecret.mutate(null, { onSuccess: (made) => setSecret(made.secret), onError: toast.failed })
            }
          >
            {text.newSecret}
          </Button>
        </div>
      )}
      {secret && (
        <Dialog title={text.secretReady} lead={text.secretReadyLead} onClose={() => undefined}>
          <CopyField label={text.secretValue} value={secret} />
          <div className="flex justify-end">
            <Button small tone="primary" onClick={() => setSecret(null)}>
              {all.keys.stored}
            </Button>
          </div>
        </Dialog>
      )}
    </Card>
  );
}

function EndpointRow({ endpoint, manages }: { endpoint: CallbackEndpoint; manages: boolean }) {
  const enable = useEnableCallback();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3">
      <div className="min-w-0 flex-1">
        <p className="font-mono text-[0.8125rem] break-all">{endpoint.url}</p>
        {endpoint.last_error && endpoint.state !== "working" && (
          <p className="text-sm break-words text-bad">{endpoint.disabled_reason ?? endpoint.last_error}</p>
        )}
      </div>
      <Badge tone={TONES[endpoint.state]}>{text.endpoint[endpoint.state]}</Badge>
      {manages && endpoint.state === "disabled" && (
        <Button
          small
          disabled={enable.isPending}
          onClick={() =>
            enable.mutate(endpoint.id, { onSuccess: () => toast.done(text.enabled), onError: toast.failed })
          }
        >
          {text.enable}
        </Button>
      )}
    </li>
  );
}
