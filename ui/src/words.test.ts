// Holds that words for people stand in `text/` and not in pages, so that another language is another folder.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, it } from "vitest";

/** Attributes that people read or hear. */
const READ = new Set(["label", "title", "loading", "aria-label", "placeholder", "hint", "lead", "heading", "summary"]);
/** The page of the design system shows samples, which are no words of the product. */
const SAMPLES = "features/design/";

const pages = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".tsx") && !path.includes(".test.") && !path.startsWith(SAMPLES),
);

function wordsIn(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(`src/${path}`, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isJsxText(node) && /[a-z]{2}/i.test(node.text)) found.push(`${path}: ${node.text.trim()}`);
    const written = ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer);
    if (written && READ.has(node.name.getText()) && /[a-z]{2} |^[A-Z]/.test(node.initializer.text)) {
      found.push(`${path}: ${node.initializer.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

it("looks at the pages", () => {
  expect(pages.length).toBeGreaterThan(80);
});

it("no page makes plural forms, which belong to a language", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (path) => /^(features|app|ui)\/.*\.tsx?$/.test(path) && !path.includes(".test."),
  );
  expect(sources.filter((path) => /\bplural\b/.test(readFileSync(`src/${path}`, "utf8")))).toEqual([]);
});

it("no page carries words of its own", () => {
  expect(pages.flatMap(wordsIn)).toEqual([]);
});
