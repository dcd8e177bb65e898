// The first journey: from login over a run to one unified record and a balanced ledger, against the real binary.
// Also: what the pages look like on a phone and in the light theme.
import { expect, type Page, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

const shot = (page: Page, name: string, fullPage = false) =>
  page.screenshot({ path: `${test.info().project.testDir}/screenshots/${name}.png`, fullPage });

async function logIn(page: Page) {
  await page.goto(demo.url);
  await page.getByLabel("E-mail").fill(demo.email);
  await page.getByLabel("Password").fill(demo.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "AOS Ontology" })).toBeVisible();
}

async function expectNoSidewaysScroll(page: Page) {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, `${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
}

/** Runs all sources and waits until every one is done and the picture has been pushed. */
async function runConnect(page: Page) {
  await page.getByRole("button", { name: /^Run \d+ source/ }).click();
  await expect(page.getByText(/^Finished in/)).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("[data-node]").first()).toBeVisible();
}

test("a newcomer goes from login to a unified record", async ({ page }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));

  await page.goto(demo.url);
  await page.getByLabel("E-mail").fill(demo.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await shot(page, "01-login-refused");

  await logIn(page);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await runConnect(page);
  await expect(page.getByRole("log")).not.toContainText("Start a run");

  for (const layer of [0, 1, 2, 3]) {
    expect(await page.locator(`[data-node][data-layer="${layer}"]`).count(), `nodes of layer ${layer}`).toBeGreaterThan(
      0,
    );
  }
  await shot(page, "02-ontology", true);

  await page.locator('[data-node="dcl_account"]').focus();
  await page.keyboard.press("Enter");
  const preview = page.getByRole("dialog");
  await expect(preview.locator("tbody tr").first()).toBeVisible();
  await shot(page, "03-preview");
  await page.keyboard.press("Escape");
  await expect(preview).toBeHidden();

  await page.getByRole("link", { name: "Mappings" }).click();
  const mapping = page
    .getByRole("row")
    .filter({ has: page.getByText(/\b(high|medium|low)$/) })
    .first();
  await expect(mapping).toBeVisible();
  expect((await mapping.getByRole("listitem").allInnerTexts()).join("").length).toBeGreaterThan(0);
  await shot(page, "04-mappings");

  await page.getByRole("link", { name: "Sources" }).click();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await shot(page, "05-sources");

  await page.getByRole("link", { name: "Records" }).click();
  await page.locator('[data-tab="opportunity"]').click();
  await page.getByRole("button", { name: "amount", exact: true }).click();
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

  await page.getByRole("link", { name: "Rejections" }).click();
  await expect(page.getByRole("heading", { name: "AOS Rejections" })).toBeVisible();
  await shot(page, "08-rejections");

  await page.getByRole("link", { name: "Ledger" }).click();
  await expect(page.locator("[data-run]").first()).toBeVisible();
  await expect(page.getByText("balanced", { exact: true }).first()).toBeVisible();
  await expect(page.getByText("not balanced")).toHaveCount(0);
  await shot(page, "09-ledger");

  await page.getByRole("link", { name: "Orchestration" }).click();
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
  await logIn(page);
  const unified = page.locator("dl", { hasText: "unified records" });
  await runConnect(page);
  const before = await unified.textContent();
  await page.getByRole("button", { name: /^Run \d+ source/ }).click();
  await expect(page.getByRole("button", { name: "Running…" })).toBeHidden({ timeout: 60_000 });
  await expect(page.getByText(/^Finished in/)).toBeVisible();
  expect(await unified.textContent()).toBe(before);
});

for (const theme of ["dark", "light"] as const) {
  test(`every page fits a phone in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.setViewportSize({ width: 390, height: 844 });
    await logIn(page);
    await runConnect(page);
    await shot(page, `phone-${theme}-ontology`, true);
    for (const name of ["Mappings", "Sources", "Records", "Rejections", "Ledger", "Orchestration"]) {
      await page.getByRole("button", { name: "Open the menu" }).click();
      await page.getByRole("link", { name, exact: true }).click();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("status")).toHaveCount(0);
      await expectNoSidewaysScroll(page);
      await shot(page, `phone-${theme}-${name.toLowerCase()}`);
    }
  });
}
