// Where toasts appear. The region is always there, so that screen readers hear what comes into it.
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { text } from "@/text/parts";
import { toast, useToasts } from "./toasts";

export function Toaster() {
  const toasts = useToasts();
  return (
    <section
      aria-label={text.notifications}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-50 grid justify-items-end gap-2 sm:left-auto sm:w-96"
    >
      {toasts.map(({ id, tone, message, nextStep }) => {
        const Icon = tone === "good" ? CircleCheck : CircleAlert;
        return (
          <div
            key={id}
            className="pointer-events-auto flex w-full gap-3 rounded-2xl border border-line-strong bg-raised p-4 shadow-card"
          >
            <Icon
              aria-hidden="true"
              className={`mt-0.5 size-5 shrink-0 ${tone === "good" ? "text-good" : "text-bad"}`}
            />
            <div className="min-w-0 flex-1">
              <p className="font-semibold break-words">{message}</p>
              {nextStep && <p className="text-sm break-words text-soft">{nextStep}</p>}
            </div>
            <button
              type="button"
              aria-label={text.dismiss}
              onClick={() => toast.dismiss(id)}
              className="-m-1.5 grid size-8 place-items-center rounded-lg text-soft hover:text-ink"
            >
              <X aria-hidden="true" className="size-4" />
            </button>
          </div>
        );
      })}
    </section>
  );
}
