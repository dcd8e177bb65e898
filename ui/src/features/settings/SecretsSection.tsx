// Where the secrets of sources are kept, as far as anybody may see: references only, never a secret.
import { useQuery } from "@tanstack/react-query";
import { LockKeyhole } from "lucide-react";
import { connectionsQuery } from "@/api/queries";
import { text as all } from "@/text/settings";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { type Column, VirtualTable } from "@/ui/VirtualTable";
import { PrincipalsCard } from "./PrincipalsCard";
import { referencesOf, type SecretReference } from "./references";

const text = all.secrets;

const COLUMNS: Column<SecretReference>[] = [
  {
    name: "connection",
    heading: text.connection,
    width: "minmax(9rem,1fr)",
    value: (row) => row.connection,
    cell: (row) => <span className="font-semibold">{row.connection}</span>,
  },
  {
    name: "setting",
    heading: text.setting,
    width: "minmax(9rem,1fr)",
    value: (row) => row.setting,
    cell: (row) => row.setting,
  },
  {
    name: "reference",
    heading: text.reference,
    width: "minmax(12rem,2fr)",
    value: (row) => row.reference,
    cell: (row) => <span className="font-mono text-[0.8125rem]">{row.reference}</span>,
  },
];

export function SecretsSection() {
  const connections = useQuery(connectionsQuery);
  return (
    <div className="grid gap-5">
      <Card flush title={all.sections.secrets}>
        <p className="-mt-1 px-5 pb-4 text-sm text-soft">{text.lead}</p>
        <Query query={connections} loading={text.loading}>
          {(known) => <References rows={referencesOf(known)} />}
        </Query>
      </Card>
      <Below>
        <PrincipalsCard />
        <Below>
          <Card title={text.kept}>
            <ul className="grid list-disc gap-2 pl-5 text-soft marker:text-faint">
              {text.keptItems.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ul>
          </Card>
        </Below>
      </Below>
    </div>
  );
}

function References({ rows }: { rows: SecretReference[] }) {
  if (rows.length === 0) {
    return (
      <Empty icon={LockKeyhole} title={text.none}>
        {text.noneLead}
      </Empty>
    );
  }
  return (
    <VirtualTable
      label={all.sections.secrets}
      rows={rows}
      columns={COLUMNS}
      rowKey={(row) => `${row.connection}/${row.setting}`}
      words={(row) => `${row.connection} ${row.setting} ${row.reference}`}
    />
  );
}
