// Follows what of the frame is in sight, so that of a large picture only that is drawn.
import { type RefObject, useLayoutEffect, useState } from "react";
import type { Box } from "./layout";
import { suffices, widened } from "./sight";

/** Returns what is to be drawn, in the units of the drawing; null for all of it. */
export function useSight(frame: RefObject<HTMLElement | null>, scale: number, large: boolean): Box | null {
  // Before anything is there to be measured, the window is the most that can be seen.
  const [drawn, setDrawn] = useState(() => widened({ x0: 0, y0: 0, x1: window.innerWidth, y1: window.innerHeight }));

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || !large) return;
    const look = () => {
      const { scrollLeft, scrollTop, clientWidth, clientHeight } = element;
      if (clientWidth === 0 || clientHeight === 0) return;
      const seen = {
        x0: scrollLeft / scale,
        y0: scrollTop / scale,
        x1: (scrollLeft + clientWidth) / scale,
        y1: (scrollTop + clientHeight) / scale,
      };
      setDrawn((before) => (suffices(before, seen) ? before : widened(seen)));
    };
    // It tells once when it begins, too: when the frame was laid out with what is in it at this scale.
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [frame, scale, large]);

  return large ? drawn : null;
}
