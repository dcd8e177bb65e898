// The tables of a connection: what each feeds, how much it holds, how fresh that is, and how deletes are known.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Connection } from "@/api/types";
import { formatAgo, formatCount } from "@/lib/format";
import { text as all } from "@/text/connections";
import { TableFrame, Td, Th } from "@/ui/Table";
import { ContractDialog } from "./ContractDialog";

const text = all.detail;

export function StreamsSection({ id, streams, name }: Pick<Connection, "id" | "streams" | "name">) {
  const [contract, setContract] = useState<string | null>(null);
  return (
    <section>
      <h3 className="mb-2 font-bold">{text.tables}</h3>
      {streams.length === 0 ? (
        <p className="text-sm text-faint">{text.noTables}</p>
      ) : (
        <TableFrame label={`${text.tables} ${name}`} className="rounded-xl border border-line">
          <thead>
            <tr>
              <Th>{text.tableColumns.name}</Th>
              <Th>{text.tableColumns.entity}</Th>
              <Th className="text-right">{text.tableColumns.rows}</Th>
              <Th className="text-right">{text.tableColumns.columns}</Th>
              <Th>{text.tableColumns.read}</Th>
              <Th>{text.tableColumns.deletes}</Th>
            </tr>
          </thead>
          <tbody>
            {streams.map((stream) => (
              <tr key={stream.name}>
                <Td>
                  <span className="font-mono text-[0.8125rem]">{stream.name}</span>
                  <button
                    type="button"
                    aria-label={all.contract.title(stream.name)}
                    onClick={() => setContract(stream.name)}
                    className="block rounded text-xs whitespace-nowrap text-accent underline-offset-4 hover:underline"
                  >
                    {all.contract.open}
                  </button>
                </Td>
                <Td>
                  {stream.entity ? (
                    <Link
                      to="/mappings"
                      search={{ entity: stream.entity }}
                      className="font-mono text-[0.8125rem] text-ontology underline-offset-4 hover:underline"
                    >
                      {stream.entity}
                    </Link>
                  ) : (
                    "–"
                  )}
                </Td>
                <Td className="num text-right">{formatCount(stream.rows)}</Td>
                <Td className="num text-right">{stream.columns > 0 ? formatCount(stream.columns) : "–"}</Td>
                <Td className="num whitespace-nowrap text-faint">
                  {stream.completed_at ? formatAgo(stream.completed_at, Date.now()) : all.never}
                </Td>
                <Td className="text-faint">{stream.deletes ?? text.unknown}</Td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      )}
      {contract && <ContractDialog connection={id} stream={contract} onClose={() => setContract(null)} />}
    </section>
  );
}
