// Every page on a laptop and on a phone, in both themes: it fits, nothing in it jumps, axe finds nothing serious, the console stays silent, and there
// is a picture to look at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  expectAccessible,
  expectNoSidewaysScroll,
  expectNothingJumped,
  expectReadable,
  logIn,
  shot,
  watchConsole,
} from "./pages";
import { anyContact, ELSEWHERE, OUTSIDE, PAGES } from "./places";
import { expect, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

test("every route of the product is among the pages that are looked at", () => {
  const source = (path: string) => readFileSync(join(__dirname, "../ui/src", path), "utf8");
  const routes = [...source("app/router.tsx").matchAll(/path: "([^"]+)"/g)].map(([, path]) => path ?? "");
  const sections = /SETTINGS_SECTIONS = \[([^\]]+)/.exec(source("features/settings/sections.ts"))?.[1] ?? "";
  const settings = [...sections.matchAll(/"([^"]+)"/g)].map(([, name]) => `/settings/${name}`);
  const wanted = [...routes.filter((path) => path !== "/settings/$section"), ...settings];
  const seen = new Set([...PAGES, ...OUTSIDE].map(([, path]) => path.split(/[?#]/)[0]));
  expect(wanted.length).toBeGreaterThan(30);
  expect(wanted.filter((path) => !seen.has(path) && !ELSEWHERE.includes(path))).toEqual([]);
});

test("what shuts people out would be found", async ({ page }) => {
  await page.setContent('<html lang="en"><title>A page</title><main><h1>A page</h1><img src="data:,"></main></html>');
  await expect(expectAccessible(page)).rejects.toThrow(/image-alt/);
  await page.setContent('<p style="color: #999; background: #aaa">Hardly to be read</p>');
  await expect(expectReadable(page)).rejects.toThrow(/color-contrast/);
});

const SCREENS = {
  laptop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

for (const [screen, viewport] of Object.entries(SCREENS)) {
  test(`every page is good on a ${screen}, in both themes`, async ({ page }) => {
    test.setTimeout(600_000);
    const errors = watchConsole(page);
    await page.setViewportSize(viewport);
    const theme = (colorScheme: "dark" | "light") => page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const look = async (name: string, path: string) => {
      await theme("dark");
      await page.goto(demo.url + path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(name === "design" ? 1 : 0);
      await expectNoSidewaysScroll(page);
      await expectNothingJumped(page);
      await expectAccessible(page);
      await shot(page, `${screen}-dark-${name}`);
      // An open page follows the system's theme; what it holds is the same.
      await theme("light");
      await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
      await expectReadable(page);
      await shot(page, `${screen}-light-${name}`);
    };
    for (const [name, path] of OUTSIDE) await look(name, path);
    // The made-up links of two of these pages are refused, and the browser writes that down.
    expect(errors.splice(0).filter((error) => !/410 .*\/look\)/.test(error))).toEqual([]);
    await logIn(page, demo);
    const contact = await anyContact(page, demo);
    for (const [name, path] of PAGES) await look(name, path.replace("CONTACT", contact));
    expect(errors).toEqual([]);
  });
}
