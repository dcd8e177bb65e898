// What every journey does on a page: log in, go somewhere by the navigation, look whether anybody can use what is there, take a picture.
import { AxeBuilder, expect, type Page, test } from "./playwright";
import type { DemoServer } from "./server";

export const shot = (page: Page, name: string, fullPage = false) =>
  page.screenshot({ path: `${test.info().project.testDir}/screenshots/${name}.png`, fullPage });

/** Collects what went wrong in the page itself, to be looked at in the end. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  return errors;
}

/** Collects what the console says besides: errors of any kind, also those of the page's policy and of requests. */
export function watchConsole(page: Page): string[] {
  const errors = watchErrors(page);
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  return errors;
}

/** What moves more than this while a page loads is a page that is built twice. Web Vitals call 0.1 good and 0.25 poor; on a slow machine the parts
 * of a page come one by one, so that what is good elsewhere is not here: pages over "good" are named in the run's report. */
const SHIFT_MAX = 0.5;
const SHIFT_GOOD = 0.1;

/** Sums what moved on the page since it was opened though nobody touched it. */
export async function expectNothingJumped(page: Page) {
  const shift = await page.evaluate(
    () =>
      new Promise<number>((done) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
            if (!entry.hadRecentInput) sum += entry.value;
          }
        });
        observer.observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => setTimeout(() => done(sum)));
      }),
  );
  if (shift >= SHIFT_GOOD) {
    const description = `${new URL(page.url()).pathname} moved by ${shift.toFixed(2)} while it loaded`;
    test.info().annotations.push({ type: "moved", description });
  }
  expect(shift, `${page.url()} jumps while it loads`).toBeLessThan(SHIFT_MAX);
}

export async function logIn(page: Page, demo: DemoServer, who: { email: string; password: string } = demo) {
  await page.goto(demo.url);
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: /AOS Home/ })).toBeVisible();
}

/** Signs up somebody new, who gets a company of their own. */
export async function signUp(page: Page, demo: DemoServer, email: string) {
  await page.goto(`${demo.url}/sign-up`);
  await page.getByLabel("Organisation").fill("Nia New");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /AOS Home/ })).toBeVisible();
}

export const PASSWORD = "four unrelated plain words";

/** Goes to a page by the navigation, through the menu where the screen is narrow. */
export async function go(page: Page, name: string) {
  const menu = page.getByRole("button", { name: "Open the menu" });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** Runs all sources and waits until every one is done and the picture has been pushed. */
export async function runConnect(page: Page) {
  await go(page, "Ontology");
  await page.getByRole("button", { name: /^Run \d+ source/ }).click();
  await expect(page.getByText(/^Finished in/)).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("[data-node]").first()).toBeVisible();
}

export async function expectNoSidewaysScroll(page: Page) {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, `${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
}

/** Lets axe look at the page; findings that shut people out fail. */
export async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect(told, `${page.url()} shuts people out`).toEqual([]);
}
