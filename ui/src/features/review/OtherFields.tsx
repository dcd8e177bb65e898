// What two records say beside what was compared; read when somebody wants to know.
import { useQueries } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { recordQuery } from "@/api/queries";
import type { UnifiedRecord } from "@/api/types";
import { formatValue } from "@/lib/format";
import { text as all } from "@/text/review";
import { Failure, Loading } from "@/ui/States";
import type { Pair, PairField } from "./pair";

const text = all.pair;

type Props = { pair: Pair; compared: ReadonlySet<string>; children: (fields: PairField[]) => ReactNode };

export function OtherFields({ pair, compared, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details className="border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="px-4 py-2.5 text-sm font-semibold text-accent">{text.others}</summary>
      {open && (
        <Fields pair={pair} compared={compared}>
          {children}
        </Fields>
      )}
    </details>
  );
}

function Fields({ pair, compared, children }: Props) {
  const sides = [pair.left, pair.right];
  const records = useQueries({ queries: sides.map((side) => recordQuery(pair.entity, side.source, side.recordId)) });
  const failed = records.find((record) => record.isError);
  if (failed) return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  const [left, right] = records.map((record) => record.data);
  if (!left || !right) return <Loading label={text.loadingOthers} rows={3} />;
  const fields = othersOf(left, right, compared);
  if (fields.length === 0) return <p className="px-4 pb-3 text-sm text-faint">{text.noOthers}</p>;
  return <ul aria-label={text.others}>{children(fields)}</ul>;
}

/** Lists the fields that one of the records fills and that were not compared; those that differ come first. */
export function othersOf(left: UnifiedRecord, right: UnifiedRecord, compared: ReadonlySet<string>): PairField[] {
  const of = (record: UnifiedRecord, name: string) => formatValue(record.cells[name]?.value);
  const names = new Set([...Object.keys(left.cells), ...Object.keys(right.cells)]);
  return [...names]
    .filter((name) => !compared.has(name))
    .map((name) => ({ name, left: of(left, name), right: of(right, name), level: "", bits: 0 }))
    .filter((field) => field.left || field.right)
    .sort((one, other) => Number(one.left === one.right) - Number(other.left === other.right));
}
