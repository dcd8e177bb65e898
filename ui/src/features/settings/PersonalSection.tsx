// Personal data: found in a text, opened from tokens by those who may, and masked by field for all others.
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useMay } from "@/api/permissions";
import { ontologyQuery } from "@/api/queries";
import { words } from "@/lib/format";
import { text } from "@/text/personal";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { type Column, VirtualTable } from "@/ui/VirtualTable";
import { type PersonalField, personalFields } from "./personal";
import { RevealCard } from "./RevealCard";
import { ScanCard } from "./ScanCard";

export function PersonalSection() {
  const sees = useMay("personal:read") === true;
  const ontology = useQuery(ontologyQuery);
  return (
    <div className="grid gap-5">
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <ScanCard tokens={sees} />
        <RevealCard allowed={sees} />
      </div>
      <Card flush title={text.fields}>
        <p className="-mt-1 px-5 pb-4 text-sm text-soft">{text.fieldsLead}</p>
        <Query query={ontology} loading={text.loading}>
          {({ entities }) => <Fields rows={personalFields(entities)} sees={sees} />}
        </Query>
      </Card>
    </div>
  );
}

function Fields({ rows, sees }: { rows: PersonalField[]; sees: boolean }) {
  if (rows.length === 0) {
    return (
      <Empty icon={ShieldCheck} title={text.none}>
        {text.noneLead}
      </Empty>
    );
  }
  const columns: Column<PersonalField>[] = [
    {
      name: "field",
      heading: text.field,
      width: "minmax(12rem,1.5fr)",
      value: (row) => row.name,
      cell: (row) => <span className="font-mono text-[0.8125rem] text-ontology">{row.name}</span>,
    },
    {
      name: "holds",
      heading: text.holds,
      width: "minmax(9rem,1fr)",
      value: (row) => row.holds,
      cell: (row) => <Badge>{words(row.holds).toLowerCase()}</Badge>,
    },
    {
      name: "mask",
      heading: text.mask,
      width: "minmax(12rem,1fr)",
      value: (row) => row.mask,
      cell: (row) => <span className="font-mono text-[0.8125rem] text-faint">{row.mask}</span>,
    },
    {
      name: "you",
      heading: text.you,
      width: "minmax(9rem,1fr)",
      value: (row) => (sees ? text.value : row.mask),
      cell: (row) => (sees ? text.value : <span className="font-mono text-[0.8125rem]">{row.mask}</span>),
    },
  ];
  return (
    <VirtualTable
      label={text.fields}
      rows={rows}
      columns={columns}
      rowKey={(row) => row.name}
      words={(row) => `${row.name} ${row.holds}`}
    />
  );
}
