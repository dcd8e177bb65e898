// What was just done, told once and briefly. What went wrong stays until it is dismissed.
import { useSyncExternalStore } from "react";
import { asProblem } from "@/api/problem";

export type Toast = { id: number; tone: "good" | "bad"; message: string; nextStep?: string };

const GOOD_STAYS_MS = 5_000;
const SHOWN_MAX = 4;

const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let last = 0;

function set(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

function show(toast: Omit<Toast, "id">): number {
  last += 1;
  const id = last;
  set([...toasts, { ...toast, id }].slice(-SHOWN_MAX));
  return id;
}

export const toast = {
  done(message: string) {
    const id = show({ tone: "good", message });
    setTimeout(() => toast.dismiss(id), GOOD_STAYS_MS);
  },
  failed(error: unknown) {
    const problem = asProblem(error);
    show({ tone: "bad", message: problem.message, nextStep: problem.nextStep });
  },
  dismiss(id: number) {
    if (toasts.some((known) => known.id === id)) set(toasts.filter((known) => known.id !== id));
  },
  /** What was told to one person is nothing to the next. */
  clear() {
    if (toasts.length > 0) set([]);
  },
};

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export const useToasts = (): readonly Toast[] => useSyncExternalStore(subscribe, () => toasts);
