// Every connection in one line; ten thousand of them as well.
import type { Connection } from "@/api/types";
import { formatAgo, formatCount } from "@/lib/format";
import { text } from "@/text/connections";
import { Card } from "@/ui/Card";
import { StatusDot } from "@/ui/StatusDot";
import { type Column, VirtualTable } from "@/ui/VirtualTable";
import { ConnectorMark } from "./ConnectorMark";
import { lookOfConnection } from "./verdicts";

type Props = { connections: Connection[]; onOpen: (id: string) => void };

export function ConnectionsTable({ connections, onOpen }: Props) {
  const columns: Column<Connection>[] = [
    {
      name: "name",
      heading: text.columns.name,
      width: "minmax(13rem,2fr)",
      value: (one) => one.name,
      cell: (one) => (
        <button
          type="button"
          data-connection={one.name}
          onClick={(event) => {
            event.stopPropagation();
            onOpen(one.id);
          }}
          className="flex w-full min-w-0 items-center gap-3 rounded-lg text-left"
        >
          <span className="scale-80">
            <ConnectorMark connector={one.connector} system={one.system} />
          </span>
          <span className="min-w-0">
            <span className="block truncate font-semibold text-accent">{one.name}</span>
            <span className="block truncate text-xs text-faint">{one.connector}</span>
          </span>
        </button>
      ),
    },
    {
      name: "status",
      heading: text.columns.status,
      width: "minmax(8rem,1fr)",
      value: (one) => lookOfConnection(one).label,
      cell: (one) => {
        const look = lookOfConnection(one);
        return (
          <StatusDot tone={look.tone} live={one.status === "running"}>
            {look.label}
          </StatusDot>
        );
      },
    },
    {
      name: "tables",
      heading: text.columns.tables,
      width: "6rem",
      right: true,
      value: (one) => one.streams.length,
      cell: (one) => formatCount(one.streams.length),
    },
    {
      name: "read",
      heading: text.columns.read,
      width: "7rem",
      right: true,
      value: (one) => one.last_run?.landed,
      cell: (one) => (one.last_run ? formatCount(one.last_run.landed) : "–"),
    },
    {
      name: "ledger",
      heading: text.columns.ledger,
      width: "8rem",
      value: (one) => (one.last_run ? Number(one.last_run.balanced) : null),
      cell: (one) =>
        one.last_run ? (
          <span className={one.last_run.balanced ? "text-soft" : "font-semibold text-bad"}>
            {one.last_run.balanced ? text.balanced : text.notBalanced}
          </span>
        ) : (
          "–"
        ),
    },
    {
      name: "last",
      heading: text.columns.last,
      width: "8rem",
      value: (one) => (one.last_run ? Date.parse(one.last_run.started_at) : null),
      cell: (one) => (
        <span className="num text-faint">
          {one.last_run ? formatAgo(one.last_run.started_at, Date.now()) : text.never}
        </span>
      ),
    },
  ];
  return (
    <Card title={text.connectionCount(connections.length)} flush>
      <VirtualTable
        label={text.title}
        rows={connections}
        columns={columns}
        rowKey={(one) => one.id}
        words={(one) => `${one.name} ${one.system} ${one.connector} ${lookOfConnection(one).label}`}
        onOpen={(one) => onOpen(one.id)}
        minWidth="50rem"
      />
    </Card>
  );
}
