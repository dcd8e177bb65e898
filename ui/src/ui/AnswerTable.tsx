// Rows of an answer as a table, its columns named in words; numbers to the right.
import { fieldLabel } from "@/lib/fieldLabel";
import { formatValue } from "@/lib/format";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";

type Props = { label: string; columns: string[]; rows: unknown[][] };

export function AnswerTable({ label, columns, rows }: Props) {
  const numeric = columns.map((_, at) => rows.every((row) => row[at] === null || isNumber(row[at])));
  const right = (at: number) => (numeric[at] ? "num text-right" : "");
  return (
    <TableFrame label={label}>
      <thead>
        <tr>
          {columns.map((column, at) => (
            <Th key={column} className={right(at)}>
              {fieldLabel(column)}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows of an answer are never reordered
          <tr key={index} className="hover:bg-raised/50">
            {columns.map((column, at) => (
              <Td key={column} className={right(at)}>
                {numeric[at] && row[at] !== null ? (
                  formatValue(row[at], "decimal")
                ) : (
                  <CellText text={formatValue(row[at])} />
                )}
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

/** Decimals come as text, because a float would change them. */
const isNumber = (value: unknown) =>
  typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
