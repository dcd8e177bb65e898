// API keys: what each may do, when it was used last, and the way to make and revoke one.
import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import type { ApiKey } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Badge, type BadgeTone } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ConfirmDialog } from "@/ui/Dialog";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { NewKeyDialog } from "./NewKeyDialog";
import { NotAllowed } from "./NotAllowed";
import { keysQuery, useRevokeKey } from "./queries";

const text = all.keys;

type State = keyof typeof text.state;
const TONES: Record<State, BadgeTone> = { good: "good", revoked: "neutral", expired: "warn" };

function stateOf(key: ApiKey, nowMs: number): State {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) <= nowMs ? "expired" : "good";
}

export function KeysSection() {
  const manages = useMay("keys:manage");
  if (manages === false) return <NotAllowed title={all.sections.keys} />;
  return <Keys />;
}

function Keys() {
  const keys = useInfiniteQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<ApiKey | null>(null);
  const revoke = useRevokeKey();
  const make = (
    <Button small tone="primary" onClick={() => setMaking(true)}>
      <Plus aria-hidden="true" className="size-4" /> {text.make}
    </Button>
  );
  return (
    <Card flush title={all.sections.keys} aside={make}>
      <p className="-mt-1 px-5 pb-3 text-sm text-soft">{text.lead}</p>
      <Pages
        query={keys}
        loading={text.loading}
        empty={
          <Empty icon={KeyRound} title={text.none}>
            {text.noneLead}
          </Empty>
        }
      >
        {(items) => (
          <ul>
            {items.map((key) => (
              <KeyRow key={key.id} apiKey={key} onRevoke={() => setEnding(key)} />
            ))}
          </ul>
        )}
      </Pages>
      {making && <NewKeyDialog onClose={() => setMaking(false)} />}
      {ending && (
        <ConfirmDialog
          title={text.revokeOne(ending.name)}
          confirm={text.revoke}
          busy={revoke.isPending}
          onClose={() => setEnding(null)}
          onConfirm={() =>
            revoke.mutate(ending.id, {
              onSuccess: () => toast.done(text.revoked(ending.name)),
              onError: toast.failed,
              onSettled: () => setEnding(null),
            })
          }
        >
          {text.revokeLead}
        </ConfirmDialog>
      )}
    </Card>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  const state = stateOf(apiKey, Date.now());
  const used = apiKey.last_used_at ? formatMoment(apiKey.last_used_at) : all.when.never;
  const scopes = apiKey.scopes as string[] | null;
  return (
    <li data-key={apiKey.name} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold">
          <span className="min-w-0 break-words">{apiKey.name}</span>
          <span className="font-mono text-[0.8125rem] font-medium text-faint">{text.ending(apiKey.ending)}</span>
          <Badge tone={TONES[state]}>{text.state[state]}</Badge>
        </p>
        <p className="text-sm text-soft">
          {apiKey.role} ·{" "}
          <span title={scopes?.join(", ")}>{scopes ? text.scopeCount(scopes.length) : text.allScopes}</span> ·{" "}
          {all.when.used} {used}
          {apiKey.expires_at && state === "good" && ` · ${all.when.expires} ${formatMoment(apiKey.expires_at)}`}
        </p>
      </div>
      {state === "good" && (
        <Button small tone="danger" aria-label={text.revokeOne(apiKey.name)} onClick={onRevoke}>
          {text.revoke}
        </Button>
      )}
    </li>
  );
}
