// When things go wrong: a server that answers 500 or not at all, a session that ends, names that are too long, another company's things.
import {
  expectNoSidewaysScroll,
  go,
  logIn,
  resize,
  runConnect,
  shot,
  signUp,
  watchErrors,
  widthBeyondScreen,
} from "./pages";
import { anyContact, PAGES } from "./places";
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

/** How long a page may take to draw what it was told, on a machine that others share. */
const PATIENCE = { timeout: 20_000 };

/** Whether what is waited for comes in time. */
const comes = (waited: Promise<void>) =>
  waited.then(
    () => true,
    () => false,
  );

/** Pages that show nothing of the server's, or only what the session itself tells. */
const WITHOUT_THE_SERVER = ["settings-profile", "settings-isolation", "help", "design"];

test("a server that fails is said on every page that needs it, and nothing is claimed in its place", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const errors = watchErrors(page);
  await logIn(page, demo);
  const contact = await anyContact(page, demo);
  const problem = {
    title: "Internal",
    detail: "Something broke.",
    code: "internal",
    next_step: "Try again.",
    status: 500,
  };
  await page.route(/\/api\/v1\/(?!auth\/)/, (route) => route.fulfill({ status: 500, json: problem }));
  const wrong: string[] = [];
  for (const [name, path] of PAGES) {
    await page.goto(demo.url + path.replace("CONTACT", contact));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    const said = page.locator("main, dialog").getByRole("alert").filter({ hasText: "Something broke." }).first();
    const isSaid = WITHOUT_THE_SERVER.includes(name) || (await comes(said.waitFor(PATIENCE)));
    if (!isSaid) wrong.push(`${name} does not say it`);
    const loading = page.getByRole("status").filter({ hasText: "Loading" });
    const isLoaded = await comes(expect(loading).toHaveCount(name === "design" ? 1 : 0, PATIENCE));
    if (!isLoaded) wrong.push(`${name} still loads`);
    const claims = await page
      .locator("main")
      .getByText(/^(Nothing|No |None|Nobody|Every table)/)
      .allTextContents();
    if (!WITHOUT_THE_SERVER.includes(name)) wrong.push(...claims.map((claim) => `${name} claims: ${claim}`));
  }
  expect(wrong).toEqual([]);
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
    return route.fulfill({
      status: 401,
      json: { detail: "The session is over.", code: "session_over", status: 401 },
    });
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

/** Where names stand that people or sources have given, and what answers with them. */
const NAMED: [name: string, path: string, answers: RegExp][] = [
  ["home", "/", /\/(ledger|dcl\/state)/],
  ["control", "/control", /\/nlp\/persona\/summary/],
  ["discovery", "/discovery", /\/(aam|intents|assets)/],
  ["sources", "/sources", /\/source_schemas/],
  ["records", "/records?entity=opportunity", /\/dcl\/views\//],
  ["tickets", "/records?entity=ticket", /\/dcl\/views\//],
  ["golden", "/thing?entity=contact&CONTACT", /\/dcl\/golden\//],
  ["review", "/review", /\/reviews/],
  ["ledger", "/ledger", /\/ledger/],
  ["rejections", "/rejections", /\/rejections/],
  ["agents", "/agents", /\/(agents|findings)/],
  ["orchestration", "/orchestration", /\/(tasks|aoa)/],
  ["knowledge", "/knowledge", /\/knowledge/],
  ["lineage", "/lineage", /\/dcl\/lineage/],
  ["members", "/settings/members", /\/(members|invitations)/],
  ["audit", "/settings/audit", /\/audit/],
];
const NAMES = [
  "very long ".repeat(50),
  "wordwithoutanyspace".repeat(26),
  "شركة الحلول المتكاملة ".repeat(22),
  "🚀🛰️👩‍🚀 ".repeat(60),
];
const CALLED = [
  "name",
  "title",
  "subject",
  "label",
  "source",
  "message",
  "detail",
  "email",
  "stream",
  "column",
  "error",
  "principal",
];

/** Puts long names in the place of short ones, wherever in an answer they stand. */
function lengthen(value: unknown, turn = { at: 0 }): unknown {
  if (Array.isArray(value)) return value.map((one) => lengthen(one, turn));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, held]) => {
    if (!CALLED.includes(key) || typeof held !== "string") return [key, lengthen(held, turn)];
    turn.at += 1;
    return [key, `${NAMES[turn.at % NAMES.length]}${held}`];
  });
  return Object.fromEntries(entries);
}

test("names of any length and script break no list and no page", async ({ page }) => {
  test.setTimeout(240_000);
  const errors = watchErrors(page);
  await logIn(page, demo);
  const contact = await anyContact(page, demo);
  const broken: string[] = [];
  for (const [name, path, answers] of NAMED) {
    await page.route(answers, async (route) => {
      const answer = await route.fetch();
      const json = answer.headers()["content-type"]?.includes("json") ? await answer.json() : null;
      await route.fulfill(json ? { response: answer, json: lengthen(json) } : { response: answer });
    });
    await page.goto(demo.url + path.replace("CONTACT", contact));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      await resize(page, viewport);
      const wider = await widthBeyondScreen(page);
      if (wider > 0) broken.push(`${name} is ${wider} px wider than a screen of ${viewport.width}`);
      await shot(page, `long-names-${name}-${viewport.width}`);
    }
    await page.unroute(answers);
  }
  expect(broken).toEqual([]);
  await page.goto(`${demo.url}/records?entity=opportunity`);
  await page.route(/\/dcl\/views\//, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: lengthen(await answer.json()) });
  });
  await page.locator("[data-record]").first().click();
  await expect(page.getByRole("dialog").locator("[data-field]").first()).toBeVisible();
  await expectNoSidewaysScroll(page);
  await shot(page, "long-names-drawer");
  expect(errors).toEqual([]);
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
    await route.fulfill({
      response: answer,
      json: { items, next_cursor: next < 10_000 ? String(next) : null },
    });
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

test("a server that asks for patience is waited for, and the pages are whole", async ({ page }) => {
  const busy = await startDemo({ AUTONOMOS_RATE__READS_BURST: "12" });
  const put: number[] = [];
  page.on("response", (response) => {
    if (response.status() === 429) put.push(1);
  });
  try {
    await logIn(page, busy);
    for (const name of ["Connections", "Ontology", "Review queue"]) {
      await go(page, name);
      await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
      await expect(page.getByRole("alert")).toHaveCount(0);
    }
    expect(put.length).toBeGreaterThan(0);
  } finally {
    await busy.stop();
  }
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
