// When things go wrong: a server that answers 500 or not at all, a session that ends, names that are too long, another company's things.
import { expectNoSidewaysScroll, go, logIn, runConnect, shot, signUp, watchErrors } from "./pages";
import { expect, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

test("a page that cannot be read says why, and is there after another try", async ({ page }) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  let broken = true;
  const problem = {
    title: "Internal",
    detail: "Something broke.",
    code: "internal",
    next_step: "Try again.",
    status: 500,
  };
  await page.route("**/api/v1/ledger*", (route) =>
    broken ? route.fulfill({ status: 500, json: problem }) : route.continue(),
  );
  await go(page, "Ledger");
  await expect(page.getByRole("alert")).toContainText("Something broke.");
  await shot(page, "error-500");
  broken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator("[data-run]").first()).toBeVisible();
  expect(errors).toEqual([]);
});

test("a lost server is said, what was read stays, and all is well when it is back", async ({ page, context }) => {
  test.setTimeout(180_000);
  await logIn(page, demo);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await go(page, "Records");
  await expect(page.locator("[data-record]").first()).toBeVisible();
  await context.setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await go(page, "Help");
  await expect(page.getByRole("heading", { name: "AOS Help" })).toBeVisible();
  await go(page, "Records");
  await expect(page.locator("[data-record]").first()).toBeVisible();
  await context.setOffline(false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(page.getByText("Live", { exact: true })).toBeVisible({ timeout: 60_000 });
});

test("what was typed is still there after the session ended and the password was given again", async ({ page }) => {
  await logIn(page, demo);
  await page.goto(`${demo.url}/settings/keys`);
  await page.getByRole("button", { name: "Make a key" }).click();
  const form = page.getByRole("dialog", { name: "Make a key" });
  await form.getByLabel("Name").fill("half typed");
  let over = true;
  await page.route("**/api/v1/**", (route) => {
    if (!over || route.request().url().endsWith("/auth/login")) return route.continue();
    return route.fulfill({ status: 401, json: { detail: "The session is over.", code: "session_over", status: 401 } });
  });
  await form.getByRole("button", { name: "Make a key" }).click();
  const again = page.getByRole("dialog", { name: "Your session has ended" });
  await again.getByLabel("Password").fill(demo.password);
  await shot(page, "session-ended");
  over = false;
  await again.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(again).toBeHidden();
  await expect(form.getByLabel("Name")).toHaveValue("half typed");
});

test("names of five hundred characters, from right to left and with pictures break no page", async ({ page }) => {
  const long = `${"very long ".repeat(50)}شركة 🚀`;
  await page.route("**/api/v1/connections?*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const connection of body.items) connection.name = long + connection.name;
    await route.fulfill({ response: answer, json: body });
  });
  await page.setViewportSize({ width: 390, height: 844 });
  await logIn(page, demo);
  for (const name of ["Home", "Connections", "Ontology", "Rejections"]) {
    await go(page, name);
    await expectNoSidewaysScroll(page);
    await shot(page, `long-names-${name.toLowerCase()}`);
  }
});

test("ten thousand sources stay usable", async ({ page }) => {
  await page.route("**/api/v1/connections?*", async (route) => {
    const address = new URL(route.request().url());
    const cursor = Number(address.searchParams.get("cursor") ?? 0);
    address.searchParams.delete("cursor");
    const answer = await route.fetch({ url: address.href });
    const [one] = (await answer.json()).items;
    const items = Array.from({ length: 200 }, (_, at) => ({
      ...one,
      id: `${cursor + at}`,
      name: `source ${cursor + at}`,
    }));
    const next = cursor + 200;
    await route.fulfill({ response: answer, json: { items, next_cursor: next < 10_000 ? String(next) : null } });
  });
  await logIn(page, demo);
  await go(page, "Connections");
  await expect(page.getByText("10,000 rows")).toBeVisible({ timeout: 60_000 });
  expect(await page.locator("[data-connection]").count()).toBeLessThan(60);
  await page.getByRole("searchbox").fill("source 9999");
  await expect(page.locator("[data-connection]")).toHaveCount(1);
  await go(page, "Ontology");
  await page.getByLabel("Filter the sources").fill("source 9999");
  await expect(page.getByRole("checkbox", { name: /^source \d+/ })).toHaveCount(1);
});

test("somebody of another company sees nothing of this one", async ({ page, browser }) => {
  await logIn(page, demo);
  await runConnect(page);
  await go(page, "Records");
  await page.locator("[data-record]").first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  const address = page.url();

  const other = await browser.newContext();
  const stranger = await other.newPage();
  await signUp(stranger, demo, `stranger-${Date.now()}@other.example`);
  await expect(stranger.getByRole("heading", { name: "Connect your first source" })).toBeVisible();
  await shot(stranger, "first-run");
  await stranger.goto(address);
  await expect(stranger.getByRole("dialog").getByRole("alert")).toBeVisible();
  await expect(stranger.locator("[data-record]")).toHaveCount(0);
  await stranger.goto(`${demo.url}/lineage`);
  await expect(stranger.getByText("Nothing is mapped yet")).toBeVisible();
  await other.close();
});

test("the back button leads back through pages, choices and what was opened", async ({ page }) => {
  const errors = watchErrors(page);
  await logIn(page, demo);
  await go(page, "Records");
  await page.locator('[data-tab="opportunity"]').click();
  await expect(page).toHaveURL(/entity=opportunity/);
  await page.locator("[data-record]").first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page).toHaveURL(/entity=opportunity/);
  await page.goBack();
  await expect(page).not.toHaveURL(/entity=opportunity/);
  await page.goBack();
  await expect(page.getByRole("heading", { name: /AOS Home/ })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole("heading", { name: "AOS Records" })).toBeVisible();
  expect(errors).toEqual([]);
});

test("while the network is slow the page says that it loads, and another page can be opened meanwhile", async ({
  page,
}) => {
  await logIn(page, demo);
  await page.route("**/api/v1/reviews*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await route.continue().catch(() => undefined);
  });
  await go(page, "Review queue");
  await expect(page.getByRole("status").filter({ hasText: "Loading" }).first()).toBeVisible();
  await go(page, "Ledger");
  await expect(page.locator("[data-run]").first()).toBeVisible();
});

test("names of any length and script are cut in the picture and whole in its table", async ({ page }) => {
  const names = ["very long ".repeat(50), "شركة الحلول المتكاملة ".repeat(20), "🚀🛰️👩‍🚀 ".repeat(60)];
  await page.route("**/api/v1/dcl/state*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const [at, node] of body.nodes.entries()) node.label = names[at % names.length] + node.label;
    await route.fulfill({ response: answer, json: body });
  });
  await logIn(page, demo);
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(viewport);
    await go(page, "Ontology");
    await expect(page.locator("[data-node]").first()).toBeVisible();
    await expectNoSidewaysScroll(page);
    await shot(page, `long-names-picture-${viewport.width}`, true);
  }
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expectNoSidewaysScroll(page);
});

test("a picture of two thousand nodes is drawn, searched and followed", async ({ page }) => {
  await page.route("**/api/v1/dcl/state*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const [source, table] = ["source_parent", "source"].map((type) =>
      body.nodes.find((node: { type: string }) => node.type === type),
    );
    const edge = body.edges.find((one: { type: string }) => one.type === "mapping");
    for (let at = 0; at < 1000; at += 1) {
      body.nodes.push({ ...source, id: `sys_${at}`, label: `made source ${at}` });
      body.nodes.push({ ...table, id: `src_${at}_t`, label: `made table ${at}` });
      body.edges.push({ ...edge, id: `h${at}`, type: "hierarchy", source: `sys_${at}`, target: `src_${at}_t` });
      body.edges.push({ ...edge, id: `m${at}`, source: `src_${at}_t` });
    }
    await route.fulfill({ response: answer, json: body });
  });
  await logIn(page, demo);
  await go(page, "Ontology");
  await expect(page.getByRole("group", { name: /^Picture of 2,0\d\d nodes/ })).toBeVisible();
  const nodes = page.locator("[data-node]");
  await expect(nodes.first()).toBeVisible();
  // What is in sight is drawn, and no more than some of what is around it.
  expect(await nodes.count()).toBeLessThan(300);
  await expect(page.locator('[data-node="src_777_t"]')).toHaveCount(0);
  await page.getByRole("searchbox", { name: "Search the picture" }).fill("made table 777");
  await page.keyboard.press("Enter");
  const found = page.locator('[data-node="src_777_t"]');
  await expect(found).toBeFocused();
  await expect(found).toBeInViewport();
  await expect(page.locator("[data-passing] path")).not.toHaveCount(0);
  // Its neighbours came into sight with it, and the way to them is walked.
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator('[data-node="sys_777"]')).toBeFocused();
  for (let step = 0; step < 8; step += 1) await page.keyboard.press("-");
  await expect.poll(() => nodes.count()).toBeGreaterThan(500);
  await expect(page.locator('[data-node="sys_777"]')).toBeFocused();
  await page.keyboard.press("0");
  await expect.poll(() => nodes.count()).toBeLessThan(300);
  await expect(page.locator('[data-node="sys_777"]')).toBeFocused();
  await expectNoSidewaysScroll(page);
});
