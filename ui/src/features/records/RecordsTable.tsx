// The rows of a view. The header orders; the first cell says what the record is called, stays in sight on a phone, and opens it.
import { clsx } from "clsx";
import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import type { OntologyEntity, ViewColumn, ViewPage } from "@/api/types";
import { fieldLabel } from "@/lib/fieldLabel";
import { formatValue, isNumericType } from "@/lib/format";
import { nameFrom, namesFirst, namingField } from "@/lib/naming";
import { formatRecordKey } from "@/lib/recordKey";
import { text } from "@/text/records";
import { Badge } from "@/ui/Badge";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";
import { nextSort } from "./search";

type Props = {
  entity: OntologyEntity;
  columns: ViewColumn[];
  records: ViewPage["items"];
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onOpen: (recordKey: string) => void;
};

export function RecordsTable({ entity, columns, records, sort, onSort, onOpen }: Props) {
  const naming = namingColumn(columns, records);
  const key = columns.find((column) => column.name === entity.key);
  const shown = orderColumns(entity, columns, records).filter((column) => column !== naming);
  return (
    <TableFrame label={text.records(entity.label)}>
      <thead>
        <tr>
          {naming ? (
            <SortHeader entity={entity} column={naming} sort={sort} onSort={onSort} className={inSight} />
          ) : (
            <Th className={inSight}>{text.record}</Th>
          )}
          <Th>{text.source}</Th>
          {naming && key && (
            <SortHeader entity={entity} column={key} sort={sort} onSort={onSort} className="max-sm:hidden" />
          )}
          {shown.map((column) => (
            <SortHeader key={column.name} entity={entity} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {records.map((record) => {
          const source = String(record._source);
          const id = String(record._record_id);
          const name = formatRecordKey(source, id);
          const called = nameFrom((field) => formatValue(record[field]));
          return (
            <tr key={name} className="group hover:bg-raised/50">
              <Td className={inSight}>
                <button
                  type="button"
                  data-record={name}
                  title={called ?? id}
                  className="block max-w-40 truncate rounded text-left font-semibold text-accent underline-offset-4 group-hover:underline sm:max-w-60"
                  onClick={() => onOpen(name)}
                >
                  <bdi>{called ?? id}</bdi>
                </button>
              </Td>
              <Td>
                <Badge tone="source">{source}</Badge>
              </Td>
              {naming && key && (
                <Td className="max-sm:hidden">
                  <span title={id} className="block max-w-32 truncate font-mono text-[0.8125rem] text-faint">
                    {id}
                  </span>
                </Td>
              )}
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

/** On a phone the first column stays while the others go by. */
const inSight = "max-sm:sticky max-sm:left-0 max-sm:z-10 max-sm:bg-surface";

type HeaderProps = { column: ViewColumn; className?: string } & Pick<Props, "entity" | "sort" | "onSort">;

/** A column under the words of its field; what the field means, and what SQL calls it, is told to who points at it. */
function SortHeader({ entity, column, sort, onSort, className }: HeaderProps) {
  const told = entity.fields.find((field) => field.name === column.name)?.description;
  const ascending = sort === column.name;
  const descending = sort === `-${column.name}`;
  const Icon = ascending ? ArrowUp : descending ? ArrowDown : ArrowUpDown;
  return (
    <Th aria-sort={ascending ? "ascending" : descending ? "descending" : "none"} className={className}>
      <button
        type="button"
        title={told ? `${told} (${column.name})` : column.name}
        onClick={() => onSort(nextSort(sort, column.name))}
        className={clsx(
          "flex w-full items-center gap-1.5 font-semibold hover:text-ink",
          isNumericType(column.type) && "justify-end",
          (ascending || descending) && "text-ink",
        )}
      >
        {fieldLabel(column.name)}
        <Icon aria-hidden="true" className={clsx("size-3.5", !ascending && !descending && "opacity-40")} />
      </button>
    </Th>
  );
}

/** Finds the column that names these records. */
function namingColumn(columns: ViewColumn[], records: ViewPage["items"]): ViewColumn | undefined {
  const field = namingField(columns.filter((column) => isFilled(column, records)).map((column) => column.name));
  return columns.find((column) => column.name === field);
}

const isFilled = (column: ViewColumn, records: ViewPage["items"]) =>
  records.some((record) => record[column.name] != null && record[column.name] !== "");

/**
 * Keeps the ontology's order, drops the key (it has a cell of its own), and moves references, and then columns that no loaded
 * record fills, to the end, so that a wide entity shows its values first.
 */
export function orderColumns(entity: OntologyEntity, columns: ViewColumn[], records: ViewPage["items"]): ViewColumn[] {
  const own = columns.filter((column) => !column.name.startsWith("_") && column.name !== entity.key);
  const filled = (column: ViewColumn) => isFilled(column, records);
  return [...namesFirst(own.filter(filled)), ...own.filter((column) => !filled(column))];
}
