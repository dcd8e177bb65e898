// A surface with an optional heading row. Layout inside is the caller's.
import { clsx } from "clsx";
import type { ReactNode } from "react";

type Props = { title?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string; flush?: boolean };

export function Card({ title, aside, children, className, flush = false }: Props) {
  return (
    <section className={clsx("min-w-0 rounded-2xl border border-line bg-surface shadow-card", className)}>
      {(title || aside) && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 pt-4 pb-3">
          {title && <h2 className="min-w-0 font-bold break-words">{title}</h2>}
          {aside}
        </header>
      )}
      <div className={flush ? "" : clsx("px-5 pb-5", !title && !aside && "pt-5")}>{children}</div>
    </section>
  );
}
