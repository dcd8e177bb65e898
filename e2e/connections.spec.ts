// From nothing to a unified record, on real files: a newcomer connects a folder, sees whether it answers, reads it, and follows what happened.
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible, go, shot, signUp, watchErrors } from "./pages";
import { expect, type Page, test } from "./playwright";
import { type DemoServer, startDemo, startSimulator } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

/** Puts a copy of a sample source where the server may read it. */
async function sample(system: string, name: string): Promise<string> {
  const folder = join(demo.files, name);
  await cp(join(__dirname, "../samples", system), folder, { recursive: true });
  return folder;
}

/** Adds a folder by the form that is open, and waits until it was looked at. */
async function fillIn(page: Page, name: string, path: string) {
  const form = page.getByRole("dialog");
  await form.getByLabel("Name", { exact: true }).fill(name);
  await form.locator('[data-setting="path"]').getByRole("textbox").fill(path);
  await form.getByRole("button", { name: "Add and check" }).click();
}

test("a newcomer gets from nothing to a unified record", async ({ page }) => {
  const errors = watchErrors(page);
  const folder = await sample("hubspot", "first");
  await signUp(page, demo, `first-${Date.now()}@acme.example`);
  await page.getByRole("link", { name: /A folder of exports/ }).click();
  await fillIn(page, "hubspot", "/etc");
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("/etc");
  await expect(page.getByRole("dialog").getByLabel("Name", { exact: true })).toHaveValue("hubspot");
  await fillIn(page, "hubspot", folder);
  await expect(page.getByText("It answers. Read it now?")).toBeVisible();
  await expectAccessible(page);
  await shot(page, "connection-added");
  await page.getByRole("button", { name: "Read now" }).click();
  const detail = page.getByRole("dialog");
  await expect(detail.getByText(/read = .* landed/).first()).toBeVisible({ timeout: 60_000 });
  await expect(detail.getByText("balanced").first()).toBeVisible();
  await expectAccessible(page);
  await shot(page, "connection");
  await page.keyboard.press("Escape");

  await go(page, "Home");
  await expect(page.getByRole("region", { name: "How it stands" })).toBeVisible({ timeout: 60_000 });
  await go(page, "Records");
  await page.locator('[data-tab="contact"]').click();
  await page.locator("[data-record]").first().click();
  await expect(page.getByRole("dialog").locator("[data-field]").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await go(page, "Live Flow");
  await expect(page.getByRole("table", { name: "Events" }).getByText("hubspot").first()).toBeVisible();
  expect(errors).toEqual([]);
});

test("a newcomer without an account anywhere gets to a unified record by a played service", async ({ page }) => {
  const simulator = await startSimulator("hubspot");
  try {
    await signUp(page, demo, `played-${Date.now()}@acme.example`);
    await page.goto(`${demo.url}/connections?add=simulator`);
    // The form expects the usual port; this simulator has a free one.
    await page.getByRole("dialog").locator('[data-setting="base_url"]').getByRole("textbox").fill(simulator.url);
    await page.getByRole("button", { name: "Add and check" }).click();
    await page.getByRole("button", { name: "Read now" }).click();
    await expect(page.getByRole("dialog").getByText("balanced").first()).toBeVisible({ timeout: 60_000 });
    await page.goto(`${demo.url}/records?entity=contact`);
    await expect(page.locator("[data-record]").first()).toBeVisible({ timeout: 60_000 });
  } finally {
    await simulator.stop();
  }
});

test("a connection is paused, looked into, resumed and removed", async ({ page }) => {
  await signUp(page, demo, `pause-${Date.now()}@acme.example`);
  const folder = await sample("zendesk", "paused");
  await page.goto(`${demo.url}/connections?add=file`);
  await fillIn(page, "tickets", folder);
  await page.getByRole("button", { name: "Later" }).click();
  const detail = page.getByRole("dialog").first();
  await detail.getByRole("button", { name: "Look what is there" }).click();
  await expect(detail.getByText(/Found at the source: 1 table/)).toBeVisible();
  await detail.getByRole("button", { name: "Pause" }).click();
  const why = page.getByRole("dialog", { name: "Pause tickets" });
  await why.getByLabel("Why").fill("the export is being moved");
  await why.getByRole("button", { name: "Pause" }).click();
  await expect(detail.getByText("“the export is being moved”")).toBeVisible();
  await detail.getByRole("button", { name: "Resume" }).click();
  await expect(detail.getByRole("button", { name: "Read now" })).toBeVisible();
  await detail.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog", { name: "Remove tickets" }).getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("Nothing is connected yet")).toBeVisible();
});

test("a renamed column is noticed, tried on real records, repaired, and the repair is taken back", async ({ page }) => {
  test.setTimeout(240_000);
  await signUp(page, demo, `drift-${Date.now()}@acme.example`);
  const folder = await sample("hubspot", "drifting");
  await go(page, "Review queue");
  await page.getByLabel("Autonomy").selectOption("approve_to_act");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.goto(`${demo.url}/connections?add=file`);
  await fillIn(page, "hubspot", folder);
  await page.getByRole("button", { name: "Read now" }).click();
  // A run is listed from its beginning; only one that ended was counted up.
  await expect(page.getByRole("dialog").getByText("balanced").first()).toBeVisible({ timeout: 60_000 });

  const deals = join(folder, "Deals.csv");
  const [header = "", ...rows] = (await readFile(deals, "utf8")).split("\n");
  expect(header.split(",")).toContain("amount");
  const renamed = header
    .split(",")
    .map((name) => (name === "amount" ? "deal_total" : name))
    .join(",");
  await writeFile(deals, [renamed, ...rows].join("\n"));
  await page.getByRole("dialog").getByRole("button", { name: "Read now" }).click();
  await page.keyboard.press("Escape");

  await go(page, "Review queue");
  const item = page.locator("[data-review]").filter({ hasText: "amount" }).first();
  await expect(item).toBeVisible({ timeout: 60_000 });
  await item.click();
  await expect(page.getByRole("radio").first()).toBeChecked();
  await page.keyboard.press("t");
  await expect(page.getByText(/raw records?; nothing was kept/)).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page);
  await shot(page, "review", true);
  await page.keyboard.press("a");
  await expect(page.getByText(/version \d+ of the mapping holds/)).toBeVisible();

  await page.getByRole("navigation", { name: "States" }).getByRole("link", { name: "Approved" }).click();
  await page.locator("[data-review]").filter({ hasText: "amount" }).first().click();
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
  await page.getByRole("navigation", { name: "States" }).getByRole("link", { name: "Taken back" }).click();
  await expect(page.locator("[data-review]").filter({ hasText: "amount" }).first()).toBeVisible();
});
