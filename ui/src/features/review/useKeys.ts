// Keys that decide without the mouse. They rest while somebody writes, and while something is open over the page.
import { useEffect, useRef } from "react";

export function useKeys(keys: Record<string, () => void>) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const at = event.target as HTMLElement | null;
      if (at?.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
      const act = latest.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
