// The heading of a page, with its figures at the side. It also names the browser tab.
import type { ReactNode } from "react";
import { usePageTitle } from "@/lib/usePageTitle";

type Props = { title: string; children: ReactNode; aside?: ReactNode };

export function PageHeader({ title, children, aside }: Props) {
  usePageTitle(title);
  return (
    <header className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
      <div className="max-w-3xl flex-1 basis-96">
        <h1 className="text-2xl font-bold sm:text-[1.75rem]">{title}</h1>
        <p className="mt-1 text-soft">{children}</p>
      </div>
      {aside}
    </header>
  );
}

/** Figures stand in their places from the beginning; one that is not known yet is undefined. */
export function Figures({ items }: { items: { label: string; value: ReactNode | undefined }[] }) {
  return (
    <dl className="grid w-full auto-cols-fr grid-flow-col gap-3 sm:flex sm:w-auto sm:gap-7">
      {items.map((item) => (
        <div key={item.label} className="flex flex-col">
          <dt className="order-last text-xs text-faint sm:text-sm">{item.label}</dt>
          <dd className="num text-xl leading-tight font-bold">
            {item.value === undefined ? (
              <span aria-hidden="true" className="inline-block h-4 w-12 rounded bg-raised" />
            ) : (
              item.value
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
