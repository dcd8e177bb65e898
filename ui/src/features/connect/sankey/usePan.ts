// Moving a drawing inside the frame that scrolls it: dragged with the mouse or a pen, and by the arrow keys with Shift. One finger scrolls it by
// itself.
import { type KeyboardEvent, type MouseEvent, type PointerEvent, type RefObject, useRef } from "react";

/** A press that moves less is a click. */
const DRAG_FROM_PX = 4;
const KEY_STEP_PX = 120;
const MAIN_BUTTON = 0;

const KEYS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type Drag = { x: number; y: number; left: number; top: number; begun: boolean };

/** Returns the handlers of the frame. */
export function usePan(frame: RefObject<HTMLElement | null>) {
  const drag = useRef<Drag | null>(null);

  const onPointerDown = (event: PointerEvent) => {
    const element = frame.current;
    if (!element || event.pointerType === "touch" || event.button !== MAIN_BUTTON) return;
    const { scrollLeft: left, scrollTop: top } = element;
    drag.current = { x: event.clientX, y: event.clientY, left, top, begun: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    const [element, known] = [frame.current, drag.current];
    if (!element || !known) return;
    // Let go outside of the window, where nobody told.
    if (event.buttons === 0) {
      drag.current = null;
      return;
    }
    const [x, y] = [event.clientX - known.x, event.clientY - known.y];
    if (!known.begun) {
      if (Math.hypot(x, y) < DRAG_FROM_PX) return;
      known.begun = true;
      element.setPointerCapture(event.pointerId);
    }
    element.scrollLeft = known.left - x;
    element.scrollTop = known.top - y;
  };
  const onPointerCancel = () => {
    drag.current = null;
  };
  /** A drag that ends over a node does not press it. */
  const onClickCapture = (event: MouseEvent) => {
    if (drag.current?.begun) event.stopPropagation();
    drag.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [element, step] = [frame.current, KEYS[event.key]];
    if (!element || !step || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    element.scrollLeft += step[0] * KEY_STEP_PX;
    element.scrollTop += step[1] * KEY_STEP_PX;
  };

  return { onPointerDown, onPointerMove, onPointerCancel, onClickCapture, onKeyDown };
}
