// The product without a mouse: search and go, choose, open, close, and see the live flow of a run.
import { logIn, shot, watchErrors } from "./pages";
import { expect, type Page, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

async function find(page: Page, words: string) {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Go to, find, do" }).fill(words);
  await page.keyboard.press("Enter");
}

test("everything is found and opened with the keyboard", async ({ page }) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();

  await page.keyboard.press("Control+k");
  await shot(page, "palette");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("combobox", { name: "Go to, find, do" })).toBeHidden();

  await find(page, "opportunity");
  await expect(page).toHaveURL(/records\?entity=opportunity/);
  await page.locator("[data-record]").first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.locator("[data-record]").first()).toBeFocused();

  await find(page, "maria");
  await expect(page).toHaveURL(/search=maria/);
  await page.locator("[data-found]").first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").locator("[data-field]").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator("[data-found]").first()).toBeFocused();

  await find(page, "annual_revenue");
  await expect(page.getByRole("heading", { name: "AOS Lineage" })).toBeVisible();
  const field = page.getByRole("button", { name: "account.annual_revenue" }).first();
  await field.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "If a column changed" })).toBeVisible();

  await find(page, "audit");
  await expect(page).toHaveURL(/settings\/audit/);
  await find(page, "architecture");
  await page.locator('[data-part="database"]').focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Store" })).toBeVisible();
  await expect(page.locator('[data-part="database"]')).toHaveAttribute("data-status", "ok");
  expect(errors).toEqual([]);
});

test("the live flow shows what a run really did, and again when it is replayed", async ({ page }) => {
  await logIn(page, demo);
  await find(page, "live flow");
  await expect(page.getByRole("heading", { name: "AOS Live Flow" })).toBeVisible();
  // What happened before this page was opened is there, too.
  const events = page.getByRole("table", { name: "Events" });
  await expect(events.getByText("Journaled").first()).toBeVisible();
  const before = Number(await events.getAttribute("aria-rowcount"));
  await find(page, "connect all sources");
  await expect(page.getByText("A run has been started.")).toBeVisible();
  await expect
    .poll(async () => Number(await events.getAttribute("aria-rowcount")), { timeout: 60_000 })
    .toBeGreaterThan(before);
  await page.getByLabel("Replay from").selectOption({ index: 1 });
  await expect(page.getByRole("button", { name: "Back to live" })).toBeVisible();
  await shot(page, "live-replay");
  await page.getByRole("button", { name: "Back to live" }).click();
  await page.getByLabel("Stage").selectOption("journaled");
  await expect(events.getByText("Ingested")).toHaveCount(0);
});
