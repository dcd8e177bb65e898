// The rows of a view. The header orders; the first cell opens the record.
import { clsx } from "clsx";
import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import type { OntologyEntity, ViewColumn, ViewPage } from "@/api/types";
import { formatValue, isNumericType } from "@/lib/format";
import { text } from "@/text/records";
import { Badge } from "@/ui/Badge";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";
import { formatRecordKey, nextSort } from "./search";

type Props = {
  entity: OntologyEntity;
  columns: ViewColumn[];
  records: ViewPage["items"];
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onOpen: (recordKey: string) => void;
};

export function RecordsTable({ entity, columns, records, sort, onSort, onOpen }: Props) {
  const shown = orderColumns(entity, columns, records);
  return (
    <TableFrame label={text.records(entity.label)}>
      <thead>
        <tr>
          <Th>{text.record}</Th>
          <Th>{text.source}</Th>
          {shown.map((column) => (
            <SortHeader key={column.name} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {records.map((record) => {
          const source = String(record._source);
          const id = String(record._record_id);
          const key = formatRecordKey(source, id);
          return (
            <tr key={key} className="group hover:bg-raised/50">
              <Td>
                <button
                  type="button"
                  data-record={key}
                  className="block max-w-52 truncate rounded text-left font-semibold text-accent underline-offset-4 group-hover:underline"
                  onClick={() => onOpen(key)}
                >
                  {id}
                </button>
              </Td>
              <Td>
                <Badge tone="source">{source}</Badge>
              </Td>
              {shown.map((column) => (
                <Td key={column.name} className={clsx(isNumericType(column.type) && "text-right")}>
                  <CellText text={formatValue(record[column.name], column.type)} />
                </Td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </TableFrame>
  );
}

function SortHeader({ column, sort, onSort }: { column: ViewColumn } & Pick<Props, "sort" | "onSort">) {
  const ascending = sort === column.name;
  const descending = sort === `-${column.name}`;
  const Icon = ascending ? ArrowUp : descending ? ArrowDown : ArrowUpDown;
  return (
    <Th aria-sort={ascending ? "ascending" : descending ? "descending" : "none"}>
      <button
        type="button"
        onClick={() => onSort(nextSort(sort, column.name))}
        className={clsx(
          "flex w-full items-center gap-1.5 font-semibold hover:text-ink",
          isNumericType(column.type) && "justify-end",
          (ascending || descending) && "text-ink",
        )}
      >
        {column.name}
        <Icon aria-hidden="true" className={clsx("size-3.5", !ascending && !descending && "opacity-40")} />
      </button>
    </Th>
  );
}

/**
 * Keeps the ontology's order, drops the key (it is the record's own cell), and moves columns that no loaded record fills
 * to the end, so that a wide entity shows its values first.
 */
export function orderColumns(entity: OntologyEntity, columns: ViewColumn[], records: ViewPage["items"]): ViewColumn[] {
  const own = columns.filter((column) => !column.name.startsWith("_") && column.name !== entity.key);
  const filled = (column: ViewColumn) =>
    records.some((record) => record[column.name] != null && record[column.name] !== "");
  return [...own.filter(filled), ...own.filter((column) => !filled(column))];
}
