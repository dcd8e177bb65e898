// A panel over the page for one thing in detail: from the right on wide screens, from below on phones.
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";

type Props = { title: ReactNode; summary: ReactNode; onClose: () => void; children: ReactNode };

export function Drawer({ title, summary, onClose, children }: Props) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/55" />
        <Dialog.Content className="fixed z-50 flex flex-col border-line bg-surface shadow-card outline-none [animation:drawer-in_180ms_ease-out] max-sm:inset-x-0 max-sm:bottom-0 max-sm:max-h-[88dvh] max-sm:rounded-t-3xl max-sm:border-t max-sm:[--from-y:32px] sm:inset-y-0 sm:right-0 sm:w-[min(46rem,92vw)] sm:border-l sm:[--from-x:32px]">
          <header className="flex items-start justify-between gap-4 border-b border-line px-5 py-4 sm:px-6">
            <div className="min-w-0">
              <Dialog.Title className="text-lg font-bold break-words">{title}</Dialog.Title>
              <Dialog.Description asChild>
                <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm text-soft">{summary}</div>
              </Dialog.Description>
            </div>
            <Dialog.Close
              className="-mr-1.5 grid size-10 shrink-0 place-items-center rounded-xl text-soft hover:bg-raised hover:text-ink"
              aria-label="Close"
            >
              <X aria-hidden="true" className="size-5" />
            </Dialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain pb-6">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
