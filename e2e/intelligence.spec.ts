// What is known, asked: a question answered with a receipt and one refused; a document found again with where it stands; a pilot's look, and all agents stopped.
import { expectAccessible, expectNoSidewaysScroll, go, logIn, shot, watchErrors } from "./pages";
import { expect, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

test("a question is answered with a receipt that holds, and one that is not understood is refused", async ({
  page,
}) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  await go(page, "Control Center");
  await page.getByRole("navigation", { name: "Whose view" }).getByRole("button", { name: "CRO" }).click();
  const question = page.getByRole("textbox", { name: "Your question" });
  await question.fill("How many opportunities are there by stage?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const answer = page.locator('[data-outcome="answered"]').first();
  await expect(answer).toBeVisible({ timeout: 30_000 });
  await expect(answer.getByRole("region", { name: "Rows of the answer" }).getByRole("row").nth(1)).toBeVisible();
  await answer.getByRole("button", { name: "Check the signature" }).click();
  await expect(answer.getByText("The signature is genuine; nothing in it was changed.")).toBeVisible();
  await answer.getByRole("button", { name: "Run it again" }).click();
  await expect(answer.getByText("The same rows come of it.")).toBeVisible();
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await shot(page, "question-answered", true);

  await question.fill("How many zorblaxed opportunities are there?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const refused = page.locator('[data-outcome="refused"]').first();
  await expect(refused).toBeVisible();
  await expect(refused).toContainText("zorblaxed");
  await expectAccessible(page);
  await shot(page, "question-refused");
  expect(errors).toEqual([]);
});

test("a document is kept, found with the place where it stands, and removed", async ({ page }) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  await go(page, "Knowledge");
  await page.getByRole("button", { name: "Add a document" }).first().click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name").fill("travel.md");
  await form
    .getByLabel("Text", { exact: true })
    .fill("# Travel\n\n## Trains\n\nTrains are booked by the office in Lisbon.");
  await expectAccessible(page);
  await form.getByRole("button", { name: "Keep it" }).click();
  await expect(page.locator('[data-document="upload:travel.md"]')).toBeVisible();
  await page.getByRole("searchbox", { name: "Search the documents" }).fill("trains booked by the office");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.locator('[data-match="upload:travel.md"]').first()).toContainText("Lisbon");
  await expectAccessible(page);
  await shot(page, "knowledge-found");
  await page.locator('[data-document="upload:travel.md"]').click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").last().getByRole("button", { name: "Remove" }).click();
  await expect(page.locator('[data-document="upload:travel.md"]')).toHaveCount(0);
  expect(errors).toEqual([]);
});

test("a pilot looks, what it finds opens with its evidence, and all agents are stopped and started", async ({
  page,
}) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  await go(page, "Agents");
  await page.locator('[data-agent="finops_pilot"]').getByRole("button", { name: "Look now" }).click();
  await expect(page.locator("[data-finding]").first()).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page);
  await shot(page, "agents", true);
  const kind = page.locator("[data-finding-kind]").first();
  await kind.getByRole("button").first().click();
  await expect(kind.locator("[data-finding]").first()).toBeVisible();
  await page.locator("[data-finding]").first().click();
  await expect(page.getByRole("dialog").getByText("SQL that shows it again").first()).toBeVisible();
  await expectAccessible(page);
  await shot(page, "finding");
  await page.keyboard.press("Escape");
  await page.locator('[data-agent="finops_pilot"]').getByRole("button", { name: "Set its budgets" }).click();
  const budgets = page.getByRole("dialog", { name: "Budgets of FinOps Pilot" });
  await budgets.getByLabel("Rows").fill("5000");
  await budgets.getByRole("button", { name: "Save" }).click();
  await expect(page.locator('[data-agent="finops_pilot"]').getByText(/ of 5,000 rows/)).toBeVisible();
  await page.getByRole("switch", { name: "Agents may act" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop them" }).click();
  await expect(page.getByText("stopped", { exact: true }).first()).toBeVisible();
  await expect(page.locator('[data-agent="finops_pilot"]').getByRole("button", { name: "Look now" })).toBeDisabled();
  await page.getByRole("switch", { name: "Agents may act" }).click();
  await expect(page.getByText("may act", { exact: true }).first()).toBeVisible();
  expect(errors).toEqual([]);
});
