// A question or a short form over the page, in the middle. The browser's own dialog keeps the focus inside, closes on Escape and hides
// the page behind from screen readers.
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { text } from "@/text/parts";
import { Button } from "./Button";

type Props = { title: string; onClose: () => void; children: ReactNode; wide?: boolean; lead?: ReactNode };

export function Dialog({ title, lead, onClose, children, wide = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closing, rather than vanishing, gives the focus back to where it was.
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className={`m-auto max-h-[88dvh] w-[calc(100vw-2rem)] overflow-y-auto rounded-3xl border border-line bg-surface p-0 text-ink shadow-card backdrop:bg-black/55 ${wide ? "max-w-2xl" : "max-w-md"}`}
    >
      <div className="grid gap-4 p-6">
        <div>
          <h2 id={`${id}-title`} className="text-lg font-bold break-words">
            {title}
          </h2>
          {lead && <div className="mt-1 text-soft">{lead}</div>}
        </div>
        {children}
      </div>
    </dialog>
  );
}

type ConfirmProps = {
  title: string;
  /** What will happen, so that nobody has to guess. */
  children: ReactNode;
  confirm: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
};

/** Asks before something that cannot be taken back. The way out comes first, so that Enter harms nothing. */
export function ConfirmDialog({ title, children, confirm, busy = false, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} lead={children} onClose={onClose}>
      <div className="flex flex-wrap justify-end gap-2">
        <Button small onClick={onClose}>
          {text.cancel}
        </Button>
        <Button small tone="danger" disabled={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
