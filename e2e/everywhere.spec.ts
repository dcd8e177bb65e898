// Every page on a laptop and on a phone, in both themes: it fits, nothing in it jumps, axe finds nothing serious, the console stays silent, and there
// is a picture to look at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expectAccessible, expectNoSidewaysScroll, expectNothingJumped, logIn, shot, watchConsole } from "./pages";
import { expect, type Page, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

const PAGES: [name: string, path: string][] = [
  ["home", "/"],
  ["control", "/control"],
  ["connections", "/connections"],
  ["discovery", "/discovery"],
  ["add-connection", "/connections?add=choose"],
  ["ontology", "/ontology"],
  ["mappings", "/mappings"],
  ["sources", "/sources"],
  ["records", "/records"],
  ["things", "/records?entity=contact&view=things"],
  ["golden", "/thing?entity=contact&CONTACT"],
  ["knowledge", "/knowledge"],
  ["lineage", "/lineage?field=account.name"],
  ["live", "/live"],
  ["review", "/review"],
  ["rejections", "/rejections"],
  ["ledger", "/ledger"],
  ["agents", "/agents"],
  ["orchestration", "/orchestration"],
  ["architecture", "/architecture"],
  ["settings-profile", "/settings/profile"],
  ["settings-members", "/settings/members"],
  ["settings-keys", "/settings/keys"],
  ["settings-flags", "/settings/flags"],
  ["settings-models", "/settings/models"],
  ["settings-notifications", "/settings/notifications"],
  ["settings-secrets", "/settings/secrets"],
  ["settings-personal", "/settings/personal"],
  ["settings-audit", "/settings/audit"],
  ["settings-isolation", "/settings/isolation"],
  ["help", "/help"],
  ["design", "/design"],
];

/** Pages for those who are not signed in. */
const OUTSIDE: [name: string, path: string][] = [
  ["login", "/login"],
  ["sign-up", "/sign-up"],
  ["join", "/join#made-up"],
  ["reset", "/reset#made-up"],
];

/** Routes that lead to another page at once, or are looked at in a journey of their own because they need a program that asks. */
const ELSEWHERE = ["/settings", "/allow"];

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

/** Names a record that there is, as the address of its thing does. */
async function anyContact(page: Page): Promise<string> {
  await page.goto(`${demo.url}/records?entity=contact`);
  const key = await page.locator("[data-record]").first().getAttribute("data-record");
  const [source, record] = (key ?? "").split("/");
  return `source=${source}&record=${record}`;
}

const SCREENS = { laptop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

for (const [screen, viewport] of Object.entries(SCREENS)) {
  for (const theme of ["dark", "light"] as const) {
    test(`every page is good on a ${screen} in the ${theme} theme`, async ({ page }) => {
      test.setTimeout(360_000);
      const errors = watchConsole(page);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      const look = async (name: string, path: string) => {
        await page.goto(demo.url + path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(name === "design" ? 1 : 0);
        await expectNoSidewaysScroll(page);
        await expectNothingJumped(page);
        await expectAccessible(page);
        await shot(page, `${screen}-${theme}-${name}`);
      };
      for (const [name, path] of OUTSIDE) await look(name, path);
      // The made-up links of two of these pages are refused, and the browser writes that down.
      expect(errors.splice(0).filter((error) => !/410 .*\/look\)/.test(error))).toEqual([]);
      await logIn(page, demo);
      const contact = await anyContact(page);
      for (const [name, path] of PAGES) await look(name, path.replace("CONTACT", contact));
      expect(errors).toEqual([]);
    });
  }
}
