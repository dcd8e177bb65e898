import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { OntologyEntity } from "@/api/types";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { Found } from "./Found";

const entity = (name: string, label: string, records: number, ...fields: string[]) =>
  ({
    name,
    label,
    key: `${name}_id`,
    records,
    fields: fields.map((field) => ({ name: field, type: "string" })),
  }) as unknown as OntologyEntity;
const entities = [
  entity("account", "Account", 9, "name"),
  entity("contact", "Contact", 3, "first_name", "last_name", "email"),
  entity("usage", "Usage", 0, "name"),
];
const page = (items: object[], total = items.length) => ({
  body: { entity: "", columns: [], items, total, next_cursor: null },
});
const ada = { _source: "crm", _record_id: "7", first_name: "Ada", last_name: "Berg", email: "ada@berg.example" };

it("names each record once, however it was found, and leads to all that fit", async () => {
  const { asked } = serve({
    "GET /api/v1/dcl/views/account": (request) =>
      new URL(request.url).searchParams.get("filter") === "name:contains:Berg"
        ? page([{ _source: "erp", _record_id: "1", name: "Berg AG" }], 12)
        : page([]),
    "GET /api/v1/dcl/views/contact": (request) =>
      /^(last_name|email):/.test(new URL(request.url).searchParams.get("filter") ?? "") ? page([ada]) : page([]),
  });
  renderLinked(<Found entities={entities} words="Berg" />);
  expect(await screen.findByRole("link", { name: "Ada Berg" })).toBeInTheDocument();
  const accounts = (await screen.findByRole("link", { name: "Berg AG" })).closest("section") as HTMLElement;
  expect(within(accounts).getByRole("link", { name: "All 12 with such a name" })).toBeInTheDocument();
  expect(screen.getAllByRole("link", { name: "Ada Berg" })).toHaveLength(1);
  expect(asked.some((request) => request.includes("/usage"))).toBe(false);
});

it("says that nothing is called that", async () => {
  serve({
    "GET /api/v1/dcl/views/account": () => page([]),
    "GET /api/v1/dcl/views/contact": () => page([]),
  });
  renderLinked(<Found entities={entities} words="Nobody" />);
  expect(await screen.findByText("No record is called “Nobody”")).toBeInTheDocument();
});

it("does not claim that nothing is there when it could not be looked", async () => {
  serve({});
  renderLinked(<Found entities={entities} words="Ada" />);
  expect(await screen.findByRole("alert")).toBeInTheDocument();
  expect(screen.queryByText(/No record is called/)).not.toBeInTheDocument();
});
