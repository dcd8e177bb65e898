// A panel over the page for one thing in detail: from the right on wide screens, from below on phones. The browser's own
// dialog keeps the focus inside, closes on Escape and hides the page behind from screen readers.
import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { text } from "@/text/parts";

type Props = { title: ReactNode; summary: ReactNode; onClose: () => void; children: ReactNode };

export function Drawer({ title, summary, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closing, rather than vanishing, gives the focus back to where it was.
    return () => element?.close();
  }, []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way to close
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-summary`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className="m-0 ml-auto h-dvh max-h-none w-full max-w-none overflow-hidden border-line bg-surface p-0 text-ink shadow-card [animation:drawer-in_180ms_ease-out] backdrop:bg-black/55 max-sm:mt-auto max-sm:h-[88dvh] max-sm:rounded-t-3xl max-sm:border-t max-sm:[--from-y:32px] sm:w-[min(46rem,92vw)] sm:border-l sm:[--from-x:32px]"
    >
      <div className="flex h-full flex-col">
        <header className="flex items-start justify-between gap-4 border-b border-line px-5 py-4 sm:px-6">
          <div className="min-w-0">
            <h2 id={`${id}-title`} className="text-lg font-bold break-words">
              {title}
            </h2>
            <div id={`${id}-summary`} className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm text-soft">
              {summary}
            </div>
          </div>
          <button
            type="button"
            aria-label={text.close}
            onClick={onClose}
            className="-mr-1.5 grid size-10 shrink-0 place-items-center rounded-xl text-soft hover:bg-raised hover:text-ink"
          >
            <X aria-hidden="true" className="size-5" />
          </button>
        </header>
        <div className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain pb-6">{children}</div>
      </div>
    </dialog>
  );
}
