// Holds the directions between folders: features know the API, the parts and the words, and not each other; parts know no feature.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.includes("schema.ts"))
  .map((path) => ({ path, imports: importsOf(join("src", path)) }));

function importsOf(path: string): string[] {
  return [...readFileSync(path, "utf8").matchAll(/from "(@\/[^"]+|\.\.?\/[^"]+)"/g)].map(([, target]) =>
    target?.startsWith("@/") ? target.slice(2) : relative("src", join(path, "..", target ?? "")),
  );
}

const featureOf = (path: string) => /^features\/([^/]+)/.exec(path)?.[1];

const inside = (folder: string) => files.filter(({ path }) => path.startsWith(`${folder}/`));

describe("folders", () => {
  it("finds files to look at", () => {
    expect(inside("features").length).toBeGreaterThan(50);
  });

  it("no feature imports another feature", () => {
    const strays = inside("features").flatMap(({ path, imports }) =>
      imports
        .filter((target) => featureOf(target) && featureOf(target) !== featureOf(path))
        .map((to) => `${path} → ${to}`),
    );
    expect(strays).toEqual([]);
  });

  it.each([
    ["ui", ["features/", "app/"]],
    ["lib", ["features/", "app/", "api/", "ui/"]],
    ["api", ["features/", "app/", "ui/"]],
    ["text", ["features/", "app/", "api/", "ui/"]],
    ["features", ["app/"]],
  ])("%s stays below what is built on it", (folder, above) => {
    const strays = inside(folder)
      .filter(({ path }) => !path.includes(".test."))
      .flatMap(({ path, imports }) =>
        imports.filter((target) => above.some((prefix) => target.startsWith(prefix))).map((to) => `${path} → ${to}`),
      );
    expect(strays).toEqual([]);
  });
});
