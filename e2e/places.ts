// Every page of the product by its address, for journeys that look at all of them.
import type { Page } from "./playwright";
import type { DemoServer } from "./server";

/** Pages behind the login; CONTACT stands for a record that there is. */
export const PAGES: [name: string, path: string][] = [
  ["home", "/"],
  ["control", "/control"],
  ["connections", "/connections"],
  ["discovery", "/discovery"],
  ["add-connection", "/connections?add=choose"],
  ["ontology", "/ontology"],
  ["mappings", "/mappings"],
  ["sources", "/sources"],
  ["records", "/records"],
  ["things", "/records?entity=contact&view=things"],
  ["golden", "/thing?entity=contact&CONTACT"],
  ["knowledge", "/knowledge"],
  ["lineage", "/lineage?field=account.name"],
  ["live", "/live"],
  ["review", "/review"],
  ["rejections", "/rejections"],
  ["ledger", "/ledger"],
  ["agents", "/agents"],
  ["orchestration", "/orchestration"],
  ["architecture", "/architecture"],
  ["settings-profile", "/settings/profile"],
  ["settings-members", "/settings/members"],
  ["settings-keys", "/settings/keys"],
  ["settings-flags", "/settings/flags"],
  ["settings-models", "/settings/models"],
  ["settings-notifications", "/settings/notifications"],
  ["settings-secrets", "/settings/secrets"],
  ["settings-personal", "/settings/personal"],
  ["settings-audit", "/settings/audit"],
  ["settings-isolation", "/settings/isolation"],
  ["help", "/help"],
  ["design", "/design"],
];

/** Pages for those who are not signed in. */
export const OUTSIDE: [name: string, path: string][] = [
  ["login", "/login"],
  ["sign-up", "/sign-up"],
  ["join", "/join#made-up"],
  ["reset", "/reset#made-up"],
];

/** Routes that lead to another page at once, or are looked at in a journey of their own because they need a program that asks. */
export const ELSEWHERE = ["/settings", "/allow"];

/** Names a record that there is, as the address of its thing does. */
export async function anyContact(page: Page, demo: DemoServer): Promise<string> {
  await page.goto(`${demo.url}/records?entity=contact`);
  const key = await page.locator("[data-record]").first().getAttribute("data-record");
  const [source, record] = (key ?? "").split("/");
  return `source=${source}&record=${record}`;
}
