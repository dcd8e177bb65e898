// One thing in two systems, as somebody uses it who wonders whether that is so: found, explained value by value, parted, put together again, and
// a record put to it by hand. And personal data: found in a text, taken out, and brought back for a purpose.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible, expectNoSidewaysScroll, go, logIn, shot, signUp, watchErrors } from "./pages";
import { expect, type Page, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

const FIRST = ["Anna", "Bruno", "Carla", "Dario", "Elena", "Felix", "Greta", "Hugo"];
const LAST = ["Berger", "Conti", "Dumas", "Eriksen", "Fischer", "Gruber", "Horvat", "Ivanova", "Kowalski"];
const PEOPLE = 60;

/** Writes sixty people; each third one is also in the second system, written another way and with a newer number. */
async function writeSystems() {
  const crm = ["contact_id,first_name,last_name,email,phone,updated_at"];
  const desk = ["contact_id,name,email,phone,updated_at"];
  for (let at = 0; at < PEOPLE; at += 1) {
    const first = FIRST[at % FIRST.length] ?? "";
    const last = LAST[(at * 5 + Math.floor(at / 8)) % LAST.length] ?? "";
    const day = String((at % 28) + 1).padStart(2, "0");
    const email = `${first}.${last}@firm${at}.example`.toLowerCase();
    const digits = 5_550_000 + at * 37;
    crm.push(`C${at},${first},${last},${email},+49 89 ${digits},2024-01-${day}T00:00:00Z`);
    if (at % 3 === 0) {
      desk.push(`D${at},${first.toUpperCase()} ${last},${email},0049-89-${digits + 1},2024-02-${day}T00:00:00Z`);
    }
  }
  for (const [name, lines] of Object.entries({ crm, desk })) {
    const folder = join(demo.files, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "contact.csv"), `${lines.join("\n")}\n`);
  }
}

async function addFolder(page: Page, name: string) {
  await page.goto(`${demo.url}/connections?add=file`);
  const form = page.getByRole("dialog");
  await form.getByLabel("Name", { exact: true }).fill(name);
  await form.locator('[data-setting="path"]').getByRole("textbox").fill(join(demo.files, name));
  await form.getByRole("button", { name: "Add and check" }).click();
  await expect(page.getByText("It answers. Read it now?")).toBeVisible();
  await page.getByRole("button", { name: "Read now" }).click();
  await expect(form.getByText("balanced").first()).toBeVisible({ timeout: 60_000 });
}

test.beforeAll(async () => {
  demo = await startDemo();
  await writeSystems();
});

test.afterAll(async () => {
  await demo?.stop();
});

test("a thing in two systems is found, explained, parted and put together again", async ({ page }) => {
  test.setTimeout(240_000);
  const errors = watchErrors(page);
  await signUp(page, demo, `golden-${Date.now()}@acme.example`);
  await addFolder(page, "crm");
  await addFolder(page, "desk");

  await page.goto(`${demo.url}/records?entity=contact&view=things`);
  await page.getByRole("button", { name: "Find what is the same" }).first().click();
  await expect(page.locator("[data-thing]")).toHaveCount(20, { timeout: 60_000 });
  await page.locator("[data-thing]").first().click();
  // What is looked at is a record, and the list of pages says so.
  const pages = page.getByRole("navigation", { name: "Pages" });
  await expect(pages.getByRole("link", { name: "Records" })).toHaveAttribute("aria-current", "true");
  await expect(page.getByRole("heading", { level: 1, name: "AOS Golden record" })).toBeVisible();

  // What is true of it, by which rule, and what each of both systems says.
  const values = page.getByRole("region", { name: "What is true of it" });
  const phone = values.getByRole("row", { name: /^Phone/ });
  await expect(phone).toContainText("the newest");
  await expect(phone).toContainText("1 other value set aside");
  await expect(values.getByText("this value survives").first()).toBeAttached();
  const evidence = page.getByRole("region", { name: /^Evidence about/ }).first();
  await expect(evidence.getByRole("row", { name: /^Email/ })).toContainText(/equal, \+\d/);
  await expect(page.getByText("Records were found to be one thing.")).toBeVisible();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await shot(page, "golden", true);

  // From a record to the raw row behind each cell, and back.
  await values.getByRole("link").first().click();
  await expect(page.getByRole("dialog").locator("[data-field]").first()).toBeVisible();
  await page.getByRole("link", { name: /^One thing in 2 records/ }).click();
  await expect(values).toBeVisible();

  await page.getByRole("button", { name: "They are different" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "They are different" }).click();
  const history = page.getByRole("listitem").filter({ hasText: "ruled by you" });
  await expect(history).toHaveCount(1);
  // What follows is worked out by a task, and the page changes by itself.
  await expect(page.getByText("Why its records are one")).toHaveCount(0, { timeout: 60_000 });
  await history.getByRole("button", { name: "Take it back" }).click();
  await expect(page.getByText("Why its records are one")).toBeVisible({ timeout: 60_000 });
  await expect(history).toContainText("taken back by you");

  // C1 is in one system only; whoever knows better says that it is the same as C2.
  await page.goto(`${demo.url}/thing?entity=contact&source=crm&record=C1`);
  await page.getByLabel("Source").selectOption("crm");
  await page.getByLabel("Id of the record there").fill("C2");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("region", { name: "Evidence about crm/C1 and crm/C2" })).toBeVisible();
  await page.getByLabel("Reason").fill("she married");
  await page.getByRole("button", { name: "They are one thing" }).click();
  await expect(values.getByRole("link", { name: "C2" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("ruled by you: she married")).toBeVisible();
  await page.getByRole("button", { name: "Take it back" }).click();
  await expect(values.getByRole("link", { name: "C2" })).toHaveCount(0, { timeout: 60_000 });
  expect(errors).toEqual([]);
});

test("a thing that there is not says so", async ({ page }) => {
  await logIn(page, demo);
  await page.goto(`${demo.url}/thing?entity=contact&source=salesforce&record=nobody`);
  await expect(page.getByRole("alert")).toBeVisible();
  await page.goto(`${demo.url}/thing`);
  await expect(page.getByRole("alert")).toBeVisible();
});

test("personal data is found in a text, taken out, and brought back for a purpose that is written down", async ({
  page,
}) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  await go(page, "Settings");
  await page.locator('[data-tab="personal"]').click();
  await page
    .getByLabel("Text", { exact: true })
    .fill("🚀 Call Jane at +44 20 7946 0958 or write to jane@firm.example.");
  await page.getByLabel("Put in its place").selectOption("tokens");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await expect(page.locator('[data-found="email"]')).toContainText("jane@firm.example");
  await expect(page.locator('[data-found="phone"]')).toContainText("+44 20 7946 0958");
  const redacted = await page.locator('[data-copy="The text without it"]').innerText();
  expect(redacted).toContain("<EMAIL:tok_");
  expect(redacted).not.toContain("jane@firm.example");

  await page.getByLabel("Text with tokens").fill(redacted);
  await page.getByLabel("What for").fill("to call back the caller of ticket 17");
  await page.getByRole("button", { name: "Open them" }).click();
  await expect(page.locator('[data-copy="The text with its values"]')).toContainText("jane@firm.example");
  await expect(page.getByRole("table", { name: "Which fields hold personal data" })).toContainText("contact.email");
  await expectAccessible(page);
  await shot(page, "personal-data", true);
  await page.getByRole("link", { name: "See the entry in the audit trail" }).click();
  await expect(page.getByText("pii.reveal").first()).toBeVisible();
  expect(errors).toEqual([]);
});
