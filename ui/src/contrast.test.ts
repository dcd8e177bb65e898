// Holds the colour tokens of styles.css to WCAG AA, in both themes.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/styles.css", "utf8");

function tokens(selector: string): Record<string, string> {
  const block = css.split(`${selector} {`)[1]?.split("}")[0] ?? "";
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, hex]) => [name, hex]));
}

function channel(hex: string, at: number): number {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

const luminance = (hex: string) => 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** Mixes a share of one colour into another, as `color-mix` does. */
function mix(color: string, into: string, share: number): string {
  const part = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  const channels = [1, 3, 5].map((at) => Math.round(part(color, at) * share + part(into, at) * (1 - share)));
  return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const TEXT = ["ink", "soft", "faint", "accent", "source", "ontology", "agent", "good", "warn", "bad"];
const SURFACES = ["bg", "surface", "raised"];

describe.each([
  ["dark", ":root"],
  ["light", ':root[data-theme="light"]'],
])("the %s theme", (_, selector) => {
  const color = tokens(selector);

  it.each(TEXT)("%s text can be read on every surface", (text) => {
    for (const surface of SURFACES) {
      expect(contrast(color[text] ?? "", color[surface] ?? ""), `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(["good", "warn", "bad", "source", "ontology", "agent"])("%s can be read on its own tint", (text) => {
    expect(contrast(color[text] ?? "", mix(color[text] ?? "", color.surface ?? "", 0.1))).toBeGreaterThanOrEqual(4.5);
  });

  it("the primary button can be read", () => {
    expect(contrast(color["on-accent"] ?? "", color.accent ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});
