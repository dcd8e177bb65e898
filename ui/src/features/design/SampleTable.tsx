// Ten thousand rows, of which only those in sight are drawn.
import { text } from "@/text/design";
import { Card } from "@/ui/Card";
import { type Column, VirtualTable } from "@/ui/VirtualTable";

type Row = { number: number; name: string };

const ROWS: Row[] = Array.from({ length: text.sampleRows }, (_, at) => ({
  number: at + 1,
  name: `source ${(at * 7919) % 9973}`,
}));

const COLUMNS: Column<Row>[] = [
  {
    name: "number",
    heading: "Number",
    width: "8rem",
    value: (row) => row.number,
    cell: (row) => row.number,
    right: true,
  },
  { name: "name", heading: "Name", width: "1fr", value: (row) => row.name, cell: (row) => row.name },
];

export function SampleTable() {
  return (
    <Card title={text.sections.table} flush>
      <VirtualTable
        label={text.sections.table}
        rows={ROWS}
        columns={COLUMNS}
        rowKey={(row) => String(row.number)}
        words={(row) => row.name}
        minWidth="20rem"
      />
    </Card>
  );
}
