// A row of tabs that scrolls sideways when it must and keeps the chosen one in sight. Callers render the tabs.
import { clsx } from "clsx";
import { type ReactNode, useEffect, useRef } from "react";

export function TabRow({ label, chosen, children }: { label: string; chosen: string; children: ReactNode }) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const tab = row.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(chosen)}"]`);
    if (row.current && tab) row.current.scrollLeft = tab.offsetLeft - (row.current.clientWidth - tab.offsetWidth) / 2;
  }, [chosen]);
  return (
    <nav
      ref={row}
      aria-label={label}
      className="relative -mx-1 flex gap-1 overflow-x-auto px-1 py-1 [scrollbar-width:thin]"
    >
      {children}
    </nav>
  );
}

export function tabClass(active: boolean): string {
  return clsx(
    "inline-flex min-h-10 shrink-0 items-center gap-2 rounded-xl px-3.5 text-sm font-semibold whitespace-nowrap transition-colors",
    active ? "bg-raised text-ink ring-1 ring-line-strong ring-inset" : "text-soft hover:bg-raised/60 hover:text-ink",
  );
}
