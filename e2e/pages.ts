// What every journey does on a page: log in, go somewhere by the navigation, look whether anybody can use what is there, take a picture.
import { AxeBuilder, expect, type Page, test } from "./playwright";
import type { DemoServer } from "./server";

export const shot = (page: Page, name: string, fullPage = false) =>
  page.screenshot({
    path: `${test.info().project.testDir}/screenshots/${name}.png`,
    fullPage,
  });

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

/** What moves more than this while a page loads is a page that is built twice; Web Vitals call more than 0.1 in need of improvement. */
const SHIFT_MAX = 0.1;
const MOVED_TOLD_MAX = 4;

type Moved = { what: string; from: number; to: number };
type Shift = { sum: number; moved: Moved[] };

/** Sums what moved on the page since it was opened though nobody touched it, and names what moved. */
export function shiftOf(page: Page): Promise<Shift> {
  return page.evaluate(
    () =>
      new Promise<Shift>((done) => {
        type Source = {
          node: Node | null;
          previousRect: DOMRect;
          currentRect: DOMRect;
        };
        type Entry = PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
          sources: Source[];
        };
        const found: Shift = { sum: 0, moved: [] };
        const called = (node: Node | null) => {
          const element = node instanceof Element ? node : node?.parentElement;
          return `${element?.tagName.toLowerCase()} "${(element?.textContent ?? "").trim().slice(0, 40)}"`;
        };
        const observer = new PerformanceObserver((list) => {
          for (const entry of (list.getEntries() as Entry[]).filter((one) => !one.hadRecentInput)) {
            found.sum += entry.value;
            for (const { node, previousRect, currentRect } of entry.sources) {
              found.moved.push({ what: called(node), from: previousRect.top, to: currentRect.top });
            }
          }
        });
        observer.observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => setTimeout(() => done(found)));
      }),
  );
}

export async function expectNothingJumped(page: Page, most = SHIFT_MAX) {
  const { sum, moved } = await shiftOf(page);
  const told = moved.slice(0, MOVED_TOLD_MAX).map(({ what, from, to }) => `${what} from ${from} to ${to}`);
  expect(sum, `${page.url()} jumps while it loads: ${told.join("; ")}`).toBeLessThan(most);
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

/** Gives an open page another screen, and waits until it is drawn for it. */
export async function resize(page: Page, viewport: { width: number; height: number }) {
  await page.setViewportSize(viewport);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** How many pixels the page is wider than the screen. */
export const widthBeyondScreen = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export async function expectNoSidewaysScroll(page: Page) {
  expect(await widthBeyondScreen(page), `${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
}

/** Lets axe look at the page; findings that shut people out fail. */
export const expectAccessible = (page: Page) => expectNoFindings(page);

/** Looks at contrast alone: what else axe looks at is the same in every theme. */
export const expectReadable = (page: Page) => expectNoFindings(page, ["color-contrast"]);

async function expectNoFindings(page: Page, rules?: string[]) {
  // Colours that are on their way from one theme to the other belong to neither.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
  // Only what is wrong is gathered, and in the page itself, which has no frames: the lists of what is right take most of the time.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode();
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect(told, `${page.url()} shuts people out`).toEqual([]);
}
