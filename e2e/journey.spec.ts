// The first journey: from login over a run to one unified record and a balanced ledger, against the real binary.
import { go, logIn, runConnect, shot, watchErrors } from "./pages";
import { expect, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

test("a newcomer goes from login to a unified record", async ({ page }) => {
  const errors = watchErrors(page);

  await page.goto(demo.url);
  await page.getByLabel("E-mail").fill(demo.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await shot(page, "01-login-refused");

  await logIn(page, demo);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await shot(page, "02-home", true);
  await runConnect(page);
  await expect(page.getByRole("log")).not.toContainText("Start a run");

  for (const layer of [0, 1, 2, 3]) {
    expect(await page.locator(`[data-node][data-layer="${layer}"]`).count(), `nodes of layer ${layer}`).toBeGreaterThan(
      0,
    );
  }
  await shot(page, "03-ontology", true);

  await page.locator('[data-node="dcl_account"]').focus();
  await page.keyboard.press("Enter");
  const preview = page.getByRole("dialog");
  await expect(preview.locator("tbody tr").first()).toBeVisible();
  await shot(page, "03-preview");
  await page.keyboard.press("Escape");
  await expect(preview).toBeHidden();

  await go(page, "Mappings");
  const mapping = page
    .getByRole("row")
    .filter({ has: page.getByText(/\b(high|medium|low)$/) })
    .first();
  await expect(mapping).toBeVisible();
  expect((await mapping.getByRole("listitem").allInnerTexts()).join("").length).toBeGreaterThan(0);
  await shot(page, "04-mappings");

  await go(page, "Sources");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await shot(page, "05-sources");

  await go(page, "Records");
  await page.locator('[data-tab="opportunity"]').click();
  await page.getByRole("button", { name: "Amount", exact: true }).click();
  await expect(page).toHaveURL(/sort=amount/);
  await expect(page.locator("[data-record]").first()).toBeVisible();
  await shot(page, "06-records");

  await page.locator('[data-tab="aws_resource"]').click();
  await page.getByLabel("Field to filter by").selectOption("_source");
  await page.getByLabel("Comparison").selectOption("eq");
  await page.getByLabel("Value").fill("snowflake");
  await page.getByRole("button", { name: "Add filter" }).click();
  await expect(page).toHaveURL(/filter=/);
  await page.locator('[data-record^="snowflake/"]').first().click();
  const record = page.getByRole("dialog");
  await expect(record.getByText(/^unified from /)).toBeVisible();
  await expect(record.locator("[data-field]").first()).toContainText(/(high|medium|low)/);
  await shot(page, "07-unified-record");
  await page.keyboard.press("Escape");

  await go(page, "Rejections");
  await expect(page.getByRole("heading", { name: "AOS Rejections" })).toBeVisible();
  await shot(page, "08-rejections");

  await go(page, "Ledger");
  await expect(page.locator("[data-run]").first()).toBeVisible();
  await expect(page.getByText("balanced", { exact: true }).first()).toBeVisible();
  await expect(page.getByText("not balanced")).toHaveCount(0);
  await shot(page, "09-ledger");

  await go(page, "Orchestration");
  const tasks = page.getByRole("region", { name: "Tasks" });
  await tasks.getByRole("button", { name: "connect" }).first().click();
  const task = page.getByRole("dialog");
  await expect(task.getByText("success", { exact: true })).toBeVisible();
  await expect(task.getByRole("heading", { name: "Result" })).toBeVisible();
  await shot(page, "10-task");
  await page.keyboard.press("Escape");
  await shot(page, "11-orchestration", true);

  await page.getByRole("button", { name: /^Profile/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(errors).toEqual([]);
});

test("running again changes no record", async ({ page }) => {
  await logIn(page, demo);
  const unified = page.locator("dl", { hasText: "unified records" });
  await runConnect(page);
  const before = await unified.textContent();
  await page.getByRole("button", { name: /^Run \d+ source/ }).click();
  await expect(page.getByRole("button", { name: "Running…" })).toBeHidden({ timeout: 60_000 });
  await expect(page.getByText(/^Finished in/)).toBeVisible();
  expect(await unified.textContent()).toBe(before);
});
