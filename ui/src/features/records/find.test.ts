import { expect, it } from "vitest";
import type { OntologyEntity } from "@/api/types";
import { waysTo } from "./find";

const entity = (key: string, ...fields: string[]) =>
  ({ name: "x", key, fields: [key, ...fields].map((name) => ({ name })) }) as unknown as OntologyEntity;
const contact = entity("contact_id", "first_name", "last_name", "email", "title");

it("looks for a thing by what it is called and by its id", () => {
  expect(waysTo(entity("account_id", "name", "website"), " Acme: Nord ")).toEqual([
    ["name:contains:Acme: Nord"],
    ["account_id:eq:Acme: Nord"],
  ]);
  expect(waysTo(entity("cost_id", "cost"), "c1")).toEqual([["cost_id:eq:c1"]]);
});

it("looks for a person by either name, by both, or by the address, and not by the job", () => {
  expect(waysTo(contact, "Ada")).toEqual([
    ["last_name:contains:Ada"],
    ["first_name:contains:Ada"],
    ["email:contains:Ada"],
    ["contact_id:eq:Ada"],
  ]);
  expect(waysTo(contact, "Ada van Berg")).toEqual([
    ["first_name:contains:Ada", "last_name:contains:van Berg"],
    ["last_name:contains:Ada van Berg"],
    ["contact_id:eq:Ada van Berg"],
  ]);
});

it("looks for nothing when nothing is asked for", () => {
  expect(waysTo(contact, "   ")).toEqual([]);
});
