// Zooming a drawing inside the frame that scrolls it: by buttons and keys around the middle, by a pinch or the wheel with Ctrl around the pointer.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const SCALE_MIN = 0.1;
const SCALE_MAX = 4;
/** So much larger or smaller one step makes it. */
export const ZOOM_STEP = 1.25;
const WHEEL_SENSITIVITY = 0.004;

/** The point of the drawing that stays where it is: in the drawing's own units, and in pixels of the frame. */
type Anchor = { x: number; y: number; left: number; top: number };

export function useZoom(frame: RefObject<HTMLElement | null>) {
  const [scale, setScale] = useState(1);
  const anchor = useRef<Anchor | null>(null);

  const zoomTo = useCallback(
    (next: (scale: number) => number, at?: { left: number; top: number }) => {
      setScale((before) => {
        const after = Math.min(SCALE_MAX, Math.max(SCALE_MIN, next(before)));
        const element = frame.current;
        if (element && after !== before) {
          const { left, top } = at ?? { left: element.clientWidth / 2, top: element.clientHeight / 2 };
          const [x, y] = [(element.scrollLeft + left) / before, (element.scrollTop + top) / before];
          anchor.current = { x, y, left, top };
        }
        return after;
      });
    },
    [frame],
  );

  useLayoutEffect(() => {
    const [element, kept] = [frame.current, anchor.current];
    if (!element || !kept) return;
    element.scrollLeft = kept.x * scale - kept.left;
    element.scrollTop = kept.y * scale - kept.top;
    anchor.current = null;
  }, [frame, scale]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const turn = (event: WheelEvent) => {
      // A pinch on a touchpad arrives as a turned wheel with Ctrl.
      if (!event.ctrlKey) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const at = { left: event.clientX - box.left, top: event.clientY - box.top };
      zoomTo((before) => before * Math.exp(-event.deltaY * WHEEL_SENSITIVITY), at);
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [frame, zoomTo]);

  return { scale, zoomTo };
}
