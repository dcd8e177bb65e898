// The audit trail with its filters, and the export that anyone can check.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Download, ScrollText } from "lucide-react";
import { useMay } from "@/api/permissions";
import type { AuditEntry } from "@/api/types";
import { saveFile } from "@/lib/saveFile";
import { text as all } from "@/text/settings";
import { Below } from "@/ui/Below";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { Pages } from "@/ui/Pages";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { AuditFilters } from "./AuditFilters";
import { AuditRow } from "./AuditRow";
import { NotAllowed } from "./NotAllowed";
import { auditKeyQuery, auditQuery, membersQuery, useExportAudit } from "./queries";

const route = getRouteApi("/shell/settings/$section");
const text = all.audit;

/** A trail is seldom short. */
const LOADING_ROWS = 18;

export function AuditSection() {
  const reads = useMay("audit:read");
  if (reads === false) return <NotAllowed title={all.sections.audit} />;
  return (
    <div className="grid gap-5">
      <Trail />
      <Below>
        <CheckCard />
      </Below>
    </div>
  );
}

function Trail() {
  const { action, principal, since, until } = route.useSearch();
  const navigate = route.useNavigate();
  const filter = { action, principal, since, until };
  const entries = useInfiniteQuery(auditQuery(filter));
  const members = useInfiniteQuery(membersQuery);
  const names = new Map(
    members.data?.pages.flatMap((page) => page.items).map((member) => [`user:${member.id}`, member.name]),
  );
  const download = useExportAudit();
  return (
    <Card
      flush
      title={all.sections.audit}
      aside={
        <Button
          small
          disabled={download.isPending}
          onClick={() =>
            download.mutate(null, {
              onSuccess: (file) => {
                saveFile(file, `audit-${new Date().toISOString().slice(0, 10)}.ndjson`);
                toast.done(text.exported);
              },
              onError: toast.failed,
            })
          }
        >
          <Download aria-hidden="true" className="size-4" /> {download.isPending ? text.exporting : text.export}
        </Button>
      }
    >
      <p className="-mt-1 px-5 pb-4 text-sm text-soft">{text.lead}</p>
      <AuditFilters
        filter={filter}
        people={[...names]}
        onChange={(search) => void navigate({ search, replace: true, resetScroll: false })}
      />
      <Pages
        query={entries}
        loading={text.loading}
        rows={LOADING_ROWS}
        empty={
          <Empty icon={ScrollText} title={text.none}>
            {text.noneLead}
          </Empty>
        }
      >
        {(items) => (
          <ul>
            {items.map((entry: AuditEntry) => (
              <AuditRow key={entry.id} entry={entry} who={names.get(entry.principal) ?? entry.principal} />
            ))}
          </ul>
        )}
      </Pages>
    </Card>
  );
}

function CheckCard() {
  const key = useQuery(auditKeyQuery);
  return (
    <Card title={text.key}>
      <p className="-mt-1 mb-4 text-sm text-soft">{text.keyLead}</p>
      <Query query={key} loading={text.loading}>
        {({ public_key }) => (
          <div className="grid gap-3">
            <CopyField label={text.publicKey} value={public_key} />
            <CopyField label={text.command} value={`autonomos audit verify audit.ndjson --key ${public_key}`} />
          </div>
        )}
      </Query>
    </Card>
  );
}
