// Settings: somebody is invited and comes in, a key is shown once and revoked, a feature is switched, and the audit trail knows of it all.
import { readFile } from "node:fs/promises";
import { expectAccessible, go, logIn, PASSWORD, shot, watchErrors } from "./pages";
import { expect, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

test("an owner invites a member, who comes in and may do less", async ({ page, browser }) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  await page.goto(`${demo.url}/settings/members`);
  await page.getByRole("button", { name: "Invite someone" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill("bob@acme.example");
  await dialog.getByLabel("Role").selectOption("viewer");
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = await dialog.getByRole("group", { name: "Invitation link" }).getByRole("code").innerText();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.locator('[data-invitation="bob@acme.example"]')).toContainText("open");

  const other = await browser.newContext();
  const guest = await other.newPage();
  await guest.goto(link);
  await expect(guest.getByRole("heading", { name: /^Join / })).toBeVisible();
  await guest.getByLabel("Your name").fill("Bob");
  await guest.getByLabel("Password").fill(PASSWORD);
  await guest.getByRole("button", { name: "Join", exact: true }).click();
  await expect(guest.getByRole("heading", { name: /AOS Home/ })).toBeVisible();
  await guest.goto(`${demo.url}/settings/keys`);
  await expect(guest.getByText("Your role is viewer.")).toBeVisible();
  await guest.goto(`${demo.url}/connections`);
  await expect(guest.locator("[data-connection]").first()).toBeVisible();
  await expect(guest.getByRole("button", { name: "Add a connection" })).toHaveCount(0);

  await page.reload();
  const bob = page.locator('[data-member="bob@acme.example"]');
  await bob.getByLabel("Role of Bob").selectOption("admin");
  await expect(page.getByText("Bob is now admin.")).toBeVisible();
  await guest.goto(`${demo.url}/settings/keys`);
  await expect(guest.getByRole("button", { name: "Make a key" })).toBeVisible();

  await bob.getByRole("button", { name: "Remove Bob" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(bob).toHaveCount(0);
  await guest.reload();
  await expect(guest.getByRole("heading", { name: "Log in" })).toBeVisible();
  await other.close();
  expect(errors).toEqual([]);
});

test("an admin makes a link by which a member chooses another password, once", async ({ page, browser }) => {
  await logIn(page, demo);
  await page.goto(`${demo.url}/settings/members`);
  await page.getByRole("button", { name: "Invite someone" }).click();
  const invitation = page.getByRole("dialog");
  await invitation.getByLabel("E-mail").fill("carol@acme.example");
  await invitation.getByRole("button", { name: "Make the link" }).click();
  const join = await invitation.getByRole("group", { name: "Invitation link" }).getByRole("code").innerText();
  const other = await browser.newContext();
  const carol = await other.newPage();
  await carol.goto(join);
  await carol.getByLabel("Your name").fill("Carol");
  await carol.getByLabel("Password").fill(PASSWORD);
  await carol.getByRole("button", { name: "Join", exact: true }).click();
  await expect(carol.getByRole("heading", { name: /AOS Home/ })).toBeVisible();

  await page.reload();
  const row = page.locator('[data-member="carol@acme.example"]');
  await row.getByRole("button", { name: "Reset the password of Carol" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = await dialog.getByRole("group", { name: "Link to another password" }).getByRole("code").innerText();
  await expectAccessible(page);
  await shot(page, "reset-link");
  await dialog.getByRole("button", { name: "Done" }).click();

  const fresh = await browser.newContext();
  const later = await fresh.newPage();
  await later.goto(link);
  await expect(later.getByLabel("E-mail")).toHaveValue("carol@acme.example");
  await expectAccessible(later);
  await shot(later, "reset-page");
  await later.getByLabel("New password").fill("another set of plain words");
  await later.getByRole("button", { name: "Change it and log in" }).click();
  await expect(later.getByRole("heading", { name: /AOS Home/ })).toBeVisible();
  await carol.reload();
  await expect(carol.getByRole("heading", { name: "Log in" })).toBeVisible();
  await carol.goto("about:blank");
  await carol.goto(link);
  await expect(carol.getByRole("alert")).toBeVisible();
  await expect(carol.getByLabel("New password")).toHaveCount(0);
  await Promise.all([other.close(), fresh.close()]);
});

test("a key is shown once, works, and is revoked", async ({ page }) => {
  await logIn(page, demo);
  await page.goto(`${demo.url}/settings/keys`);
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("nightly export");
  await dialog.getByLabel("Only some of it").check();
  await dialog.getByRole("checkbox", { name: "ledger:read" }).check();
  await dialog.getByRole("button", { name: "Make a key" }).click();
  const key = await dialog.getByRole("group", { name: "API key" }).getByRole("code").innerText();
  await shot(page, "key-shown-once");
  const asked = (path: string) => page.request.get(demo.url + path, { headers: { authorization: `Bearer ${key}` } });
  expect((await asked("/api/v1/ledger")).status()).toBe(200);
  expect((await asked("/api/v1/members")).status()).toBe(403);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "I have stored it" }).click();
  await page.reload();
  const row = page.locator('[data-key="nightly export"]');
  await expect(row).toContainText("1 permission");
  await expect(page.getByText(key)).toHaveCount(0);
  await row.getByRole("button", { name: "Revoke nightly export" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(row).toContainText("revoked");
  expect((await asked("/api/v1/ledger")).status()).toBe(401);
});

test("a switched feature is in the audit trail, and the export is the whole chain", async ({ page }) => {
  await logIn(page, demo);
  await go(page, "Settings");
  await page
    .getByRole("navigation", { name: "Sections of the settings" })
    .getByRole("link", { name: "Features" })
    .click();
  const flag = page.locator("[data-flag]").first();
  const name = (await flag.getAttribute("data-flag")) ?? "";
  const on = await flag.getByRole("switch").getAttribute("aria-checked");
  await flag.getByRole("switch").click();
  await expect(flag.getByRole("switch")).toHaveAttribute("aria-checked", on === "true" ? "false" : "true");
  await flag.getByRole("button", { name: `Set ${name} back to its default` }).click();
  await expect(flag.getByText("default", { exact: true })).toBeVisible();

  await page.goto(`${demo.url}/settings/audit?action=flag.`);
  await expect(page.getByText("flag.set").first()).toBeVisible();
  await expect(page.getByText("session.begin")).toHaveCount(0);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const path = await (await download).path();
  const lines = (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(5);
  expect(JSON.stringify(lines.at(-1))).toContain("signature");
});
