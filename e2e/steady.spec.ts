// Every page on a slow machine: it is built once, from the top, so that nobody presses what has moved away under the finger.
import { expectNothingJumped, logIn } from "./pages";
import { anyContact, OUTSIDE, PAGES } from "./places";
import { expect, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

/** So many times slower than this machine. */
const SLOWER = 4;
/** What Web Vitals call good, on a machine that may be busy besides. */
const SHIFT_MAX = 0.1;

for (const [screen, viewport] of Object.entries({
  laptop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
})) {
  test(`on a slow ${screen} no page moves while it loads`, async ({ page }) => {
    test.setTimeout(600_000);
    await page.setViewportSize(viewport);
    await logIn(page, demo);
    const contact = await anyContact(page, demo);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    const wait = { timeout: 60_000 };
    const look = async (name: string, path: string) => {
      await page.goto(demo.url + path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible(wait);
      await page.waitForLoadState("networkidle");
      const loading = page.getByRole("status").filter({ hasText: "Loading" });
      await expect(loading).toHaveCount(name === "design" ? 1 : 0, wait);
      await expectNothingJumped(page, SHIFT_MAX);
    };
    for (const [name, path] of PAGES) await look(name, path.replace("CONTACT", contact));
    await page.context().clearCookies();
    for (const [name, path] of OUTSIDE) await look(name, path);
  });
}
