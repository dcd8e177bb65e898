// Features that can be on or off, who said so, and the switch.
import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/api/permissions";
import { flagsQuery } from "@/api/queries";
import type { FlagState } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { Switch } from "@/ui/Switch";
import { toast } from "@/ui/toasts";
import { useResetFlag, useSetFlag } from "./queries";

const text = all.flags;

export function FlagsSection() {
  const flags = useQuery(flagsQuery);
  return (
    <Card flush title={all.sections.flags}>
      <p className="-mt-1 px-5 pb-3 text-sm text-soft">{text.lead}</p>
      <Query query={flags} loading={text.loading}>
        {({ items }) => (
          <ul>
            {items.map((flag) => (
              <FlagRow key={flag.name} flag={flag} />
            ))}
          </ul>
        )}
      </Query>
    </Card>
  );
}

function FlagRow({ flag }: { flag: FlagState }) {
  const writes = useMay("flags:write") === true;
  const set = useSetFlag();
  const reset = useResetFlag();
  const busy = set.isPending || reset.isPending;
  // What was asked for is shown at once; what holds comes back with the list.
  const value = set.isPending ? set.variables.value : flag.value;
  const describedBy = `flag-${flag.name}`;
  return (
    <li data-flag={flag.name} className="flex flex-wrap items-center gap-x-5 gap-y-2 border-t border-line px-5 py-4">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-sm font-semibold break-all">{flag.name}</span>
          <Badge tone={flag.source === "default" ? "neutral" : "ontology"}>{text.source[flag.source]}</Badge>
        </p>
        <p id={describedBy} className="mt-0.5 text-soft">
          {flag.description}
        </p>
        {flag.changed_at && <p className="text-sm text-faint">{text.by(formatMoment(flag.changed_at))}</p>}
      </div>
      {writes && flag.source === "stored" && (
        <Button
          small
          disabled={busy}
          aria-label={text.resetOne(flag.name)}
          onClick={() => reset.mutate(flag.name, { onError: toast.failed })}
        >
          {text.reset}
        </Button>
      )}
      <span className="flex items-center gap-3">
        <span className="w-7 text-right text-sm font-semibold text-soft">{value ? text.on : text.off}</span>
        <Switch
          label={flag.name}
          describedBy={describedBy}
          checked={value}
          disabled={!writes || busy || flag.source === "environment"}
          onChange={(next) =>
            set.mutate(
              { name: flag.name, value: next },
              { onSuccess: () => toast.done(text.changed(flag.name, next)), onError: toast.failed },
            )
          }
        />
      </span>
    </li>
  );
}
