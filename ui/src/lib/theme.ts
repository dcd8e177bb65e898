// Dark or light: the system decides until the person does. Colours live in styles.css.
import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

const KEY = "aos.theme";
const listeners = new Set<() => void>();
const system = window.matchMedia?.("(prefers-color-scheme: light)");

function read(): Theme {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "dark" || chosen === "light") return chosen;
  return system?.matches ? "light" : "dark";
}

export function applyTheme() {
  document.documentElement.dataset.theme = read();
  for (const listener of listeners) listener();
}

export function chooseTheme(theme: Theme) {
  localStorage.setItem(KEY, theme);
  applyTheme();
}

system?.addEventListener?.("change", applyTheme);

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, read);
}
