// The drawing of the lanes: a dot for each event, as large as its records are many. One canvas, so that thousands of dots cost little.
// The list below the drawing says the same in words.
import { useEffect, useRef } from "react";
import { useTheme } from "@/lib/theme";
import { useWidth } from "@/lib/useSize";
import { text } from "@/text/live";
import { CROSSING_MS, type FlowEvent, firstAtOrAfter, LANES, progressOf } from "./flow";

type Props = {
  events: readonly FlowEvent[];
  /** Returns the moment that is shown, or null while nothing is to move. */
  clock: () => number;
  speed: number;
  moving: boolean;
};

const LANE_HEIGHT_PX = 64;
const NAMES_BESIDE_FROM_PX = 640;
const RATIO_MAX = 2;
const CELL_PX = 3;
const STANDING_MAX = 200;
const RADIUS_MIN_PX = 3;
const RADIUS_MAX_PX = 15;
const COLORS = ["--source", "--ontology", "--ontology", "--accent", "--agent"] as const;

export function LaneCanvas({ events, clock, speed, moving }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = LANE_HEIGHT_PX * LANES.length;
  const theme = useTheme();

  // What comes many times a second is read by each frame, so that new events begin no drawing anew.
  const shown = useRef({ events, clock, speed });
  shown.current = { events, clock, speed };
  const draw = useRef<() => void>(() => undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours that are read are the theme's
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || width === 0) return;
    const ratio = Math.min(window.devicePixelRatio || 1, RATIO_MAX);
    canvas.current.width = width * ratio;
    canvas.current.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const still = window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
    const paint = readPaint();
    draw.current = () => {
      const { events, clock, speed } = shown.current;
      drawLanes(context, { events, nowMs: clock(), speed, width, height, still, paint });
    };
    draw.current();
    if (!moving || still) return;
    let handle = requestAnimationFrame(function next() {
      draw.current();
      handle = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(handle);
  }, [moving, width, height, theme]);

  // Where nothing moves, a new event is drawn when it comes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again because they changed
  useEffect(() => draw.current(), [events, clock, speed]);

  return (
    <div ref={frame} className="min-w-0">
      <canvas ref={canvas} role="img" aria-label={text.drawing} style={{ width: "100%", height }} />
    </div>
  );
}

type Paint = { line: string; name: string; font: string; lanes: string[]; bad: string };

function readPaint(): Paint {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name);
  return {
    line: color("--line"),
    name: color("--faint"),
    font: `600 12px ${getComputedStyle(document.body).fontFamily}`,
    lanes: COLORS.map(color),
    bad: color("--bad"),
  };
}

type Scene = {
  events: readonly FlowEvent[];
  nowMs: number;
  speed: number;
  width: number;
  height: number;
  still: boolean;
  paint: Paint;
};

function drawLanes(context: CanvasRenderingContext2D, scene: Scene) {
  const { events, width, height, paint, still } = scene;
  context.clearRect(0, 0, width, height);
  context.globalAlpha = 1;
  // Beside a narrow drawing there is no room for names.
  if (width < NAMES_BESIDE_FROM_PX) {
    context.fillStyle = paint.name;
    context.font = paint.font;
    for (const [at, lane] of LANES.entries()) context.fillText(text.lanes[lane][0], 0, at * LANE_HEIGHT_PX + 12);
  }
  context.fillStyle = paint.line;
  for (let lane = 0; lane < LANES.length; lane += 1) context.fillRect(0, middleOf(lane) - 1, width, 2);
  context.globalAlpha = 0.85;
  // Of dots that lie upon each other the largest is drawn: thousands a second look the same, and cost little.
  const cells = new Map<number, Dot>();
  for (const dot of still ? standing(events, width) : crossing(scene)) {
    const cell = Math.round(dot.x / CELL_PX) * LANES.length + LANES.indexOf(dot.event.lane);
    const known = cells.get(cell);
    if (!known || known.event.records < dot.event.records || isBad(dot.event)) cells.set(cell, dot);
  }
  for (const { event, x } of cells.values()) {
    const lane = LANES.indexOf(event.lane);
    context.fillStyle = isBad(event) ? paint.bad : (paint.lanes[lane] ?? paint.line);
    context.beginPath();
    context.arc(x, middleOf(lane), radiusOf(event.records), 0, Math.PI * 2);
    context.fill();
  }
}

const isBad = (event: FlowEvent): boolean => event.rejected > 0 || !event.balanced;

type Dot = { event: FlowEvent; x: number };

/** The events that are on their way at the moment shown. */
function* crossing({ events, nowMs, speed, width }: Scene): Generator<Dot> {
  for (let at = firstAtOrAfter(events, nowMs - CROSSING_MS / speed); at < events.length; at += 1) {
    const event = events[at];
    if (!event || event.atMs > nowMs) return;
    const progress = progressOf(event, nowMs, speed);
    if (progress !== null) yield { event, x: progress * (width + RADIUS_MAX_PX * 2) - RADIUS_MAX_PX };
  }
}

/** Where nothing may move, the latest events of each lane stand beside each other. */
function* standing(events: readonly FlowEvent[], width: number): Generator<Dot> {
  const placed = new Map<string, number>();
  for (let at = events.length - 1; at >= Math.max(0, events.length - STANDING_MAX); at -= 1) {
    const event = events[at];
    if (!event) return;
    const order = placed.get(event.lane) ?? 0;
    placed.set(event.lane, order + 1);
    const x = width - RADIUS_MAX_PX - order * RADIUS_MAX_PX * 2;
    if (x >= 0) yield { event, x };
  }
}

const middleOf = (lane: number): number => lane * LANE_HEIGHT_PX + LANE_HEIGHT_PX / 2;

const radiusOf = (records: number): number =>
  Math.min(RADIUS_MAX_PX, RADIUS_MIN_PX + Math.log10(Math.max(1, records)) * 3);
