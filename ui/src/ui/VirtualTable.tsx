// A table for many rows: it draws those in sight only, sorts by a press on a heading, and filters by words. Up to what fits it is as tall
// as its rows. Rows are all at hand here; views that come page by page use Table.
import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { text } from "@/text/parts";
import { inputClass } from "./Field";
import { arrange, type Order, type SortValue, turned } from "./rows";

export type Column<Row> = {
  name: string;
  heading: string;
  /** A track of a CSS grid, such as `2fr` or `8rem`. */
  width: string;
  cell: (row: Row) => ReactNode;
  /** What the column sorts by; a column without it does not sort. */
  value?: (row: Row) => SortValue;
  right?: boolean;
};

type Props<Row> = {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** The words of a row that the filter looks in; without it there is no filter. */
  words?: (row: Row) => string;
  onOpen?: (row: Row) => void;
  /** Least width of the table, so that narrow screens scroll inside its frame. */
  minWidth?: string;
};

const ROW_HEIGHT_PX = 48;
const HEIGHT_MAX_PX = 560;

export function VirtualTable<Row>({ label, rows, columns, rowKey, words, onOpen, minWidth = "40rem" }: Props<Row>) {
  const [filter, setFilter] = useState("");
  const [order, setOrder] = useState<Order | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const column = columns.find((candidate) => candidate.name === order?.column);
    return arrange(rows, { filter, words, value: column?.value, descending: order?.descending ?? false });
  }, [rows, columns, words, filter, order]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => keyAt(shown, index, rowKey),
    overscan: 8,
  });
  const grid = { gridTemplateColumns: columns.map((column) => column.width).join(" "), minWidth };

  return (
    <div>
      {words && (
        <div className="flex flex-wrap items-center gap-3 border-b border-line px-5 py-3">
          <input
            type="search"
            aria-label={text.filter(label)}
            placeholder={text.filterPlaceholder}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            className={clsx(inputClass, "min-h-10 flex-1 text-sm sm:max-w-72")}
          />
          <span aria-live="polite" className="num ml-auto text-sm text-faint">
            {text.shown(shown.length, rows.length)}
          </span>
        </div>
      )}
      <section
        ref={frame}
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        className="relative overflow-auto"
        style={{ maxHeight: HEIGHT_MAX_PX }}
      >
        <div role="table" aria-label={label} aria-rowcount={shown.length + 1} className="text-left text-sm">
          <div role="rowgroup" className="sticky top-0 z-10 bg-surface">
            <div
              role="row"
              aria-rowindex={1}
              className="grid gap-x-4 border-b border-line px-5 font-semibold text-faint"
              style={grid}
            >
              {columns.map((column) => (
                <Heading
                  key={column.name}
                  column={column}
                  order={order}
                  onSort={() => setOrder(turned(order, column.name))}
                />
              ))}
            </div>
          </div>
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = shown[item.index];
              if (row === undefined) return null;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the row's own button is the keyboard's way
                <div
                  key={item.key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  onClick={onOpen && (() => onOpen(row))}
                  className={clsx(
                    "absolute inset-x-0 top-0 grid items-center gap-x-4 border-b border-line/60 px-5 hover:bg-raised/50",
                    onOpen && "cursor-pointer",
                  )}
                  style={{ ...grid, height: ROW_HEIGHT_PX, transform: `translateY(${item.start}px)` }}
                >
                  {columns.map((column) => (
                    <div
                      key={column.name}
                      role="cell"
                      className={clsx("min-w-0 truncate", column.right && "num text-right")}
                    >
                      {column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
        {shown.length === 0 && <p className="px-5 py-8 text-center text-faint">{text.nothingFits}</p>}
      </section>
    </div>
  );
}

function keyAt<Row>(rows: Row[], index: number, rowKey: (row: Row) => string): string {
  const row = rows[index];
  return row === undefined ? String(index) : rowKey(row);
}

type HeadingProps<Row> = { column: Column<Row>; order: Order | null; onSort: () => void };

function Heading<Row>({ column, order, onSort }: HeadingProps<Row>) {
  const sorted = order?.column === column.name ? (order.descending ? "descending" : "ascending") : "none";
  const Icon = sorted === "none" ? ArrowUpDown : sorted === "ascending" ? ArrowUp : ArrowDown;
  return (
    <div
      role="columnheader"
      aria-sort={column.value ? sorted : undefined}
      className={clsx("flex min-h-10 items-center", column.right && "justify-end")}
    >
      {column.value ? (
        <button
          type="button"
          onClick={onSort}
          className={clsx("flex items-center gap-1.5 font-semibold hover:text-ink", sorted !== "none" && "text-ink")}
        >
          {column.heading}
          <Icon aria-hidden="true" className={clsx("size-3.5", sorted === "none" && "opacity-40")} />
        </button>
      ) : (
        column.heading
      )}
    </div>
  );
}
