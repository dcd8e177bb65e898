// What jsdom lacks: matchers for the page, sizes, and scrolling.
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { toast } from "@/ui/toasts";

// A page that is asked for the first time is read first, which a busy machine takes its time for.
configure({ asyncUtilTimeout: 5_000 });

// Files share one process and its modules, which is six times as fast: each test leaves nothing behind.
afterEach(() => {
  cleanup();
  toast.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
  localStorage.clear();
  window.history.replaceState(null, "", "/");
});

globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
  this.open = false;
};
window.scrollTo = () => {};
globalThis.CSS ??= { escape: (text: string) => text } as typeof CSS;
// Nothing has a size in jsdom; lists that draw what is in sight would draw nothing.
Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 560 });
Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 1000 });
