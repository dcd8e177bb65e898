// The first minutes of somebody who has nothing: sample data by one click, a simulated service by another, what the discovery service found,
// and the way out, which leaves nothing behind in any tab.
import { expectAccessible, expectNoSidewaysScroll, go, logIn, shot, signUp, watchErrors } from "./pages";
import { expect, test } from "./playwright";
import { type DemoServer, freePort, startDemo, startSimulator } from "./server";

/** What the product promises a newcomer. */
const FIRST_RECORD_MAX_MS = 120_000;

let demo: DemoServer;
let service: { url: string; stop: () => Promise<void> };

test.beforeAll(async () => {
  // Each tenant has an estate of its own, at random: one so large has systems of every product.
  service = await startSimulator("aod", "--systems", "600");
  demo = await startDemo({
    AUTONOMOS_SIMULATORS__SYSTEMS: "hubspot",
    AUTONOMOS_SIMULATORS__PORT: String(await freePort()),
    AUTONOMOS_SIMULATORS__RECORDS: "200",
    AUTONOMOS_AOD__URL: service.url,
  });
});

test.afterAll(async () => {
  await demo?.stop();
  await service?.stop();
});

test("one click leads a newcomer to a unified record in under two minutes, and another one removes all of it", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const errors = watchErrors(page);
  await signUp(page, demo, `samples-${Date.now()}@acme.example`);
  const begun = Date.now();
  await expect(page.getByRole("button", { name: "Use the sample data" })).toBeVisible();
  await expectAccessible(page);
  await shot(page, "first-run-offer", true);
  await page.getByRole("button", { name: "Use the sample data" }).click();
  await expect(page.getByRole("list", { name: "How far each source is" })).toBeVisible();
  await shot(page, "first-run-reading", true);
  await page.getByRole("link", { name: "See the records" }).click({ timeout: FIRST_RECORD_MAX_MS });
  await page.locator("[data-record]").first().click();
  await expect(page.getByRole("dialog").locator("[data-field]").first()).toBeVisible();
  const tookMs = Date.now() - begun;
  test.info().annotations.push({ type: "first unified record", description: `${tookMs} ms` });
  expect(tookMs).toBeLessThan(FIRST_RECORD_MAX_MS);
  await page.keyboard.press("Escape");

  // Records are there before the job is over, and nothing is removed meanwhile.
  await go(page, "Orchestration");
  await expect(page.getByText("No job is running.")).toBeVisible({ timeout: 60_000 });
  await go(page, "Connections");
  await expect(page.getByText("10 connections are sample data.")).toBeVisible();
  await page.getByRole("button", { name: "Remove the sample data" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove the sample data" }).click();
  await expect(page.getByText("Nothing is connected yet")).toBeVisible({ timeout: 60_000 });
  await go(page, "Home");
  await expect(page.getByRole("button", { name: "Use the sample data" })).toBeVisible();
  expect(errors).toEqual([]);
});

test("a simulated service is connected and read by one click", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signUp(page, demo, `simulated-${Date.now()}@acme.example`);
  await expectNoSidewaysScroll(page);
  await shot(page, "first-run-offer-phone", true);
  await page.getByRole("button", { name: "A simulated HubSpot" }).click();
  await expect(page.getByRole("link", { name: "See the records" })).toBeVisible({ timeout: 60_000 });
});

test("what the discovery service finds is proposed from where it was found", async ({ page }) => {
  const errors = watchErrors(page);
  await signUp(page, demo, `discovery-${Date.now()}@acme.example`);
  await go(page, "Discovery");
  await page.getByRole("button", { name: "database or warehouse" }).click();
  const systems = page.locator("[data-asset]");
  await expect(systems.first()).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await shot(page, "discovery-found", true);
  // Nothing here reads a warehouse: it is noted, looked at, and counted as of a kind that nothing reads.
  const unread = systems.filter({ hasText: "snowflake" }).first();
  const asset = (await unread.getAttribute("data-asset")) ?? "";
  await unread.getByRole("button", { name: "Note it" }).click();
  const noted = page.locator(`[data-asset="${asset}"]`);
  await expect(noted.getByRole("button", { name: "turned down" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("1 is of a kind that nothing here reads")).toBeVisible();
  // A database is proposed by the wizard, which knows its name and its connector already.
  const read = systems.filter({ hasText: "postgres" }).first();
  const name = (await read.locator("span").first().textContent()) ?? "";
  await read.getByRole("link", { name: "Propose it" }).click();
  const form = page.getByRole("dialog");
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue(name);
  await expect(form.getByRole("heading", { name: /PostgreSQL/ })).toBeVisible();
  await shot(page, "discovery-proposal");
  expect(errors).toEqual([]);
});

test("logging out in one tab leaves nothing in the other", async ({ context, page }) => {
  await logIn(page, demo);
  const other = await context.newPage();
  await other.goto(`${demo.url}/connections`);
  await expect(other.getByRole("heading", { level: 1, name: "AOS Connections" })).toBeVisible();
  await page.getByRole("button", { name: /Profile of|demo/i }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page.getByLabel("Password")).toBeVisible();
  await expect(other.getByLabel("Password")).toBeVisible();
  await expect(other.getByRole("dialog")).toHaveCount(0);
  const kept = await other.evaluate(() => [...Object.keys(sessionStorage), ...Object.keys(localStorage)]);
  expect(kept.filter((key) => key !== "aos.theme")).toEqual([]);
});
