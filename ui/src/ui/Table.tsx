// Tables that scroll inside their own frame, so that the page never does. The frame is positioned, because hidden text for
// screen readers would otherwise widen the page from inside a cell. Cells are the caller's.
import { clsx } from "clsx";
import type { ReactNode, TdHTMLAttributes, ThHTMLAttributes } from "react";
import { text as words } from "@/text/parts";

type FrameProps = { label: string; children: ReactNode; className?: string };

export function TableFrame({ label, children, className }: FrameProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={clsx("relative overflow-x-auto", className)}>
      <table className="w-full border-collapse text-left text-sm">{children}</table>
    </section>
  );
}

export function Th({ className, ...rest }: ThHTMLAttributes<HTMLTableCellElement>) {
  return (
    <th
      scope="col"
      className={clsx(
        "border-b border-line px-3 py-2.5 font-semibold whitespace-nowrap text-faint first:pl-5 last:pr-5",
        className,
      )}
      {...rest}
    />
  );
}

export function Td({ className, ...rest }: TdHTMLAttributes<HTMLTableCellElement>) {
  return (
    <td
      className={clsx("border-b border-line/60 px-3 py-2.5 align-baseline first:pl-5 last:pr-5", className)}
      {...rest}
    />
  );
}

/** A value in a cell, cut to a readable width; an absent value says so to screen readers. */
export function CellText({ text, mono = false }: { text: string; mono?: boolean }) {
  if (text === "") {
    return (
      <span className="text-faint">
        <span aria-hidden="true">–</span>
        <span className="sr-only">{words.noValue}</span>
      </span>
    );
  }
  return (
    <span title={text} className={clsx("block max-w-64 truncate", mono && "font-mono text-[0.8125rem]")}>
      {text}
    </span>
  );
}
