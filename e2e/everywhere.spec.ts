// Every page on a laptop and on a phone, in both themes: it fits, axe finds nothing serious, nothing breaks, and there is a picture to look at.
import { expectAccessible, expectNoSidewaysScroll, logIn, shot, watchErrors } from "./pages";
import { expect, test } from "./playwright";
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
  ["add-connection", "/connections?add=choose"],
  ["ontology", "/ontology"],
  ["mappings", "/mappings"],
  ["sources", "/sources"],
  ["records", "/records"],
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
  ["settings-audit", "/settings/audit"],
  ["settings-isolation", "/settings/isolation"],
  ["help", "/help"],
  ["design", "/design"],
];

const SCREENS = { laptop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

for (const [screen, viewport] of Object.entries(SCREENS)) {
  for (const theme of ["dark", "light"] as const) {
    test(`every page is good on a ${screen} in the ${theme} theme`, async ({ page }) => {
      test.setTimeout(240_000);
      const errors = watchErrors(page);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      await logIn(page, demo);
      for (const [name, path] of PAGES) {
        await page.goto(demo.url + path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(name === "design" ? 1 : 0);
        await expectNoSidewaysScroll(page);
        await expectAccessible(page);
        await shot(page, `${screen}-${theme}-${name}`);
      }
      expect(errors).toEqual([]);
    });
  }
}
