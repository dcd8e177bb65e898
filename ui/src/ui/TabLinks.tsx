// The look of a row of tabs; callers render links or buttons with it.
import { clsx } from "clsx";

export function tabClass(active: boolean): string {
  return clsx(
    "inline-flex min-h-10 shrink-0 items-center gap-2 rounded-xl px-3.5 text-sm font-semibold whitespace-nowrap transition-colors",
    active ? "bg-raised text-ink ring-1 ring-line-strong ring-inset" : "text-soft hover:bg-raised/60 hover:text-ink",
  );
}

export const tabRowClass = "-mx-1 flex gap-1 overflow-x-auto px-1 py-1";
