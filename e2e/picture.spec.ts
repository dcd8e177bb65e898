// The picture of the ontology as somebody uses it who wants to know something: searched, opened to its fields, narrowed, coloured by freshness, zoomed, saved.
import { readFile } from "node:fs/promises";
import { expectAccessible, expectNoSidewaysScroll, go, logIn, shot, watchErrors } from "./pages";
import { expect, type Page, test } from "./playwright";
import { type DemoServer, startDemo } from "./server";

let demo: DemoServer;

test.beforeAll(async () => {
  demo = await startDemo();
});

test.afterAll(async () => {
  await demo?.stop();
});

const nodes = (page: Page) => page.locator("[data-node]");

async function openPicture(page: Page) {
  await logIn(page, demo);
  await go(page, "Ontology");
  await expect(nodes(page).first()).toBeVisible();
}

test("the picture answers where a field is from, without a mouse", async ({ page }) => {
  const errors = watchErrors(page);
  await openPicture(page);
  await page.getByRole("searchbox", { name: "Search the picture" }).fill("opportunity");
  await expect(page.getByText(/^\d+ found$/)).toBeVisible();
  await page.keyboard.press("Enter");
  await page.locator('[data-node="dcl_opportunity"]').focus();
  await page.keyboard.press("f");
  await expect(page.locator('[data-node="dcl_opportunity#amount"]')).toBeVisible();
  await expect(page.locator('[data-node^="dcl_opportunity#"]:focus')).toHaveCount(1);
  await page.locator('[data-node="dcl_opportunity#amount"]').focus();
  await page.keyboard.press("o");
  await expect(page.getByRole("button", { name: /^Only what flows through Opportunity.amount/ })).toBeVisible();
  await expect(page.locator('[data-node="dcl_account"]')).toHaveCount(0);
  expect(await page.locator('[data-node][data-layer="1"]').count()).toBeGreaterThan(0);
  await expectAccessible(page);
  await shot(page, "picture-fields", true);
  await page.getByRole("button", { name: /^Only what flows through/ }).click();
  await expect(page.locator('[data-node="dcl_account"]')).toBeVisible();
  expect(errors).toEqual([]);
});

test("a column is found by a part of a name, and its field stands alone in the picture and opens with its evidence", async ({
  page,
}) => {
  const errors = watchErrors(page);
  await openPicture(page);
  await page.getByRole("button", { name: "Lineage search" }).click();
  await page.getByRole("searchbox", { name: "Search the lineage" }).fill("amount");
  await page.getByRole("button", { name: "Show opportunity.amount in the picture" }).first().click();
  await expect(page.getByRole("button", { name: /^Only what flows through Opportunity.amount/ })).toBeVisible();
  await expect(page.locator('[data-node="dcl_opportunity#amount"]')).toBeVisible();
  await expect(page.locator('[data-node="dcl_account"]')).toHaveCount(0);

  await page.getByRole("button", { name: "Ontology", exact: true }).click();
  await page.getByRole("searchbox", { name: "Filter Fields of the ontology" }).fill("opportunity.amount");
  await page.locator('[data-field="opportunity.amount"]').click();
  const field = page.getByRole("dialog");
  await expect(field.getByText(/^name: /).first()).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Data Source Universe" }).click();
  await expect(page.getByText(/^10 sources, \d+ tables, \d+ columns$/)).toBeVisible();
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  expect(errors).toEqual([]);
});

test("pointing at a node follows its way, and what is read lately is coloured so", async ({ page }) => {
  await openPicture(page);
  await page.locator('[data-node="dcl_account"]').hover();
  await expect(page.locator("[data-passing] path").first()).toBeVisible();
  await shot(page, "picture-followed");
  await page.mouse.move(5, 5);
  await expect(page.locator("[data-passing]")).toHaveCount(0);
  await page.getByLabel("Colour the links by").selectOption("freshness");
  await expect(page.getByText("read as often as it should be")).toBeVisible();
  await expect(page.locator('path[data-edge][stroke="var(--good)"]').first()).toBeVisible();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.getByRole("row", { name: /Account/ }).first()).toContainText("read as often as it should be");
});

test("the picture is zoomed and saved as it is seen, in both forms", async ({ page }) => {
  await openPicture(page);
  const svg = page.locator("svg[role=group]");
  const width = () => svg.evaluate((picture) => picture.clientWidth);
  const before = await width();
  await page.getByRole("button", { name: "Larger" }).click();
  await expect.poll(width).toBeGreaterThan(before);
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "All of it" }).click();
  const save = async (name: string) => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name }).click();
    return readFile(await (await download).path());
  };
  const drawn = (await save("Save as SVG")).toString();
  expect(drawn).toContain("AWS resource");
  expect(drawn).toMatch(/--source:\s*#/);
  const png = await save("Save as PNG");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.length).toBeGreaterThan(10_000);
});

test("the picture is dragged, moved and zoomed by mouse and keys, and taken back", async ({ page }) => {
  await openPicture(page);
  const frame = page.getByRole("region", { name: /^The picture/ });
  const svg = page.locator("svg[role=group]");
  const width = () => svg.evaluate((picture) => picture.getBoundingClientRect().width);
  const at = () => frame.evaluate((element) => [element.scrollLeft, element.scrollTop]);
  const before = await width();
  await frame.hover();
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -250);
  await page.keyboard.up("Control");
  await expect.poll(width).toBeGreaterThan(before * 1.5);
  const [left = 0, top = 0] = await at();
  const box = (await frame.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 60, y - 40, { steps: 5 });
  await page.mouse.up();
  expect(await at()).toEqual([left + 60, top + 40]);
  // What was dragged over was not pressed.
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const node = page.locator('[data-node="dcl_account"]');
  await node.focus();
  const [, focused = 0] = await at();
  await page.keyboard.press("Shift+ArrowUp");
  expect((await at())[1]).toBe(Math.max(0, focused - 120));
  await page.keyboard.press("0");
  expect([await width(), ...(await at())]).toEqual([before, 0, 0]);
  await expect(node).toBeFocused();
});

test("on a phone the picture flows down, and the table says the same", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openPicture(page);
  const top = (layer: number) =>
    page
      .locator(`[data-node][data-layer="${layer}"] rect`)
      .first()
      .evaluate((bar) => bar.getBoundingClientRect().top);
  expect(await top(0)).toBeLessThan(await top(1));
  expect(await top(1)).toBeLessThan(await top(2));
  const drawn = await nodes(page).count();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  // Beside its heading the table has a row for every node, also for those that nothing leads to yet.
  await expect.poll(() => page.getByRole("table").getByRole("row").count()).toBeGreaterThan(drawn);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
});
