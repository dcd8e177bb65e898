// Turns the picture in the page into a file: SVG with the colours of the theme in it, or PNG drawn from that.
import { saveFile } from "@/lib/saveFile";

/** What the drawing takes from the page's style and a file has to bring along. */
const COLORS = [
  "--bg",
  "--surface",
  "--ink",
  "--faint",
  "--source",
  "--ontology",
  "--agent",
  "--good",
  "--warn",
  "--bad",
];
const FONT = "Quicksand, 'Segoe UI', system-ui, sans-serif";
const SVG = "http://www.w3.org/2000/svg";
/** Browsers draw no larger canvas than this, in pixels of a side. */
const SIDE_MAX = 16_000;
/** PNGs are drawn twice as fine as on the page, so that they can be printed. */
const FINER = 2;

export function saveSvg(picture: SVGSVGElement, name: string) {
  saveFile(new Blob([svgOf(picture)], { type: "image/svg+xml" }), `${name}.svg`);
}

/** Draws the picture into a PNG. Fails when the browser cannot draw one of its size. */
export async function savePng(picture: SVGSVGElement, name: string): Promise<void> {
  const [width, height] = sizeOf(picture);
  const scale = Math.min(FINER, SIDE_MAX / width, SIDE_MAX / height);
  const image = new Image();
  // The page's policy allows images as data, not as blobs.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgOf(picture))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const png = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!png) throw new Error(`no canvas of ${canvas.width} by ${canvas.height}`);
  saveFile(png, `${name}.png`);
}

/** Writes the picture down as a document of its own, in its full size whatever the zoom. */
export function svgOf(picture: SVGSVGElement): string {
  const [width, height] = sizeOf(picture);
  const copy = picture.cloneNode(true) as SVGSVGElement;
  // What is followed right now passes; the file has the whole picture.
  for (const part of copy.querySelectorAll("[data-passing]")) part.remove();
  copy.querySelector("[data-whole]")?.removeAttribute("opacity");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const theme = getComputedStyle(document.documentElement);
  const colors = COLORS.map((name) => `${name}:${theme.getPropertyValue(name).trim()}`).join(";");
  const drawn = [...picture.querySelectorAll<SVGTextElement>("[data-node] text")];
  for (const [at, label] of [...copy.querySelectorAll("[data-node] text")].entries()) {
    // Another font stays inside the label that was made for this one.
    const width = drawn[at]?.getComputedTextLength?.();
    if (width) label.setAttribute("textLength", width.toFixed(1));
    label.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
  for (const part of [copy, ...copy.querySelectorAll("*")]) {
    for (const name of ["class", "tabindex", "role"]) part.removeAttribute(name);
  }
  const ground = document.createElementNS(SVG, "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", "var(--surface)");
  copy.prepend(ground);
  // The page's policy refuses style attributes that a script sets; in the file they are text.
  return new XMLSerializer().serializeToString(copy).replace("<svg ", `<svg style="${colors};font-family:${FONT}" `);
}

function sizeOf(picture: SVGSVGElement): [number, number] {
  const [, , width = 0, height = 0] = (picture.getAttribute("viewBox") ?? "").split(" ").map(Number);
  return [width, height];
}
