// The heading of a page, with its figures at the side. It also names the browser tab.
import type { ReactNode } from "react";
import { usePageTitle } from "@/lib/usePageTitle";

type Props = { title: string; children: ReactNode; aside?: ReactNode };

export function PageHeader({ title, children, aside }: Props) {
  usePageTitle(title);
  return (
    <header className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
      <div className="max-w-3xl">
        <h1 className="text-2xl font-bold sm:text-[1.75rem]">{title}</h1>
        <p className="mt-1 text-soft">{children}</p>
      </div>
      {aside}
    </header>
  );
}

export function Figures({ items }: { items: { label: string; value: ReactNode }[] }) {
  return (
    <dl className="grid w-full auto-cols-fr grid-flow-col gap-3 sm:flex sm:w-auto sm:gap-7">
      {items.map((item) => (
        <div key={item.label} className="flex flex-col">
          <dt className="order-last text-xs text-faint sm:text-sm">{item.label}</dt>
          <dd className="num text-xl leading-tight font-bold">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
