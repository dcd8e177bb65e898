// Zooming a drawing inside the frame that scrolls it: by buttons and keys around the middle, by the wheel with Ctrl around the pointer, by two
// fingers around the middle between them.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const SCALE_MIN = 0.1;
const SCALE_MAX = 4;
/** So much larger or smaller one step makes it. */
export const ZOOM_STEP = 1.25;
const WHEEL_SENSITIVITY = 0.004;

type Point = { left: number; top: number };
/** The point of the drawing that stays where it is: in the drawing's own units, and in pixels of the frame. */
type Anchor = Point & { x: number; y: number };

export function useZoom(frame: RefObject<HTMLElement | null>) {
  const [scale, setScale] = useState(1);
  const anchor = useRef<Anchor | null>(null);

  const zoomTo = useCallback(
    (next: (scale: number) => number, at?: Point) => {
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

  /** Back to full size and to where the picture begins. */
  const reset = useCallback(() => {
    anchor.current = { x: 0, y: 0, left: 0, top: 0 };
    setScale(1);
    if (frame.current) Object.assign(frame.current, { scrollLeft: 0, scrollTop: 0 });
  }, [frame]);

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
    const within = (x: number, y: number): Point => {
      const box = element.getBoundingClientRect();
      return { left: x - box.left, top: y - box.top };
    };
    // More than one step can arrive within a frame; it is drawn once.
    let asked: { by: number; at: Point; frame: number } | null = null;
    const zoomBy = (by: number, at: Point) => {
      if (asked) {
        asked = { ...asked, by: asked.by * by, at };
        return;
      }
      const draw = () => {
        const now = asked;
        asked = null;
        if (now) zoomTo((before) => before * now.by, now.at);
      };
      asked = { by, at, frame: requestAnimationFrame(draw) };
    };
    const turn = (event: WheelEvent) => {
      // A pinch on a touchpad arrives as a turned wheel with Ctrl.
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY * WHEEL_SENSITIVITY), within(event.clientX, event.clientY));
    };
    let apart: number | null = null;
    const pinch = (event: TouchEvent) => {
      const [a, b] = [event.touches[0], event.touches[1]];
      if (!a || !b || event.touches.length !== 2) {
        apart = null;
        return;
      }
      // One finger moves the frame as it moves any page; two are the drawing's.
      event.preventDefault();
      const now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      const grown = apart === null || apart === 0 ? 1 : now / apart;
      apart = now;
      zoomBy(grown, within((a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2));
    };
    const lift = () => {
      apart = null;
    };
    element.addEventListener("wheel", turn, { passive: false });
    element.addEventListener("touchstart", pinch, { passive: false });
    element.addEventListener("touchmove", pinch, { passive: false });
    element.addEventListener("touchend", lift);
    element.addEventListener("touchcancel", lift);
    return () => {
      if (asked) cancelAnimationFrame(asked.frame);
      element.removeEventListener("wheel", turn);
      element.removeEventListener("touchstart", pinch);
      element.removeEventListener("touchmove", pinch);
      element.removeEventListener("touchend", lift);
      element.removeEventListener("touchcancel", lift);
    };
  }, [frame, zoomTo]);

  return { scale, zoomTo, reset };
}
