import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Review } from "@/api/types";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { PairPanel } from "./PairPanel";

const payload = {
  entity: "contact",
  left: { source: "salesforce", record_id: "003A" },
  right: { source: "hubspot", record_id: "51/2" },
  evidence: {
    fields: [
      { field: "email", left: "ada@acme.example", right: "ada@globex.example", level: "different", bits: -4.2 },
      { field: "name", left: "Ada Lovelace", right: "ADA Lovelace", level: "equal", bits: 7.5 },
      { field: "phone", left: "1", right: null, level: null, bits: 0 },
    ],
  },
} as unknown as Review["payload"];

const cell = (value: string) => ({ value, stream: "contact", source_field: "x", losing: [] });
const record = (cells: Record<string, unknown>) => ({ body: { cells, extras: {}, record: {} } });

it("two records stand side by side by their names, the loudest field first, and what differs is marked", async () => {
  serve({});
  renderLinked(<PairPanel review={{ payload }} />);
  const link = await screen.findByRole("link", { name: "ADA Lovelace" });
  expect(decodeURIComponent(link.getAttribute("href") ?? "")).toContain("hubspot/51%2F2");
  const rows = within(screen.getByRole("list", { name: "What each field says" })).getAllByRole("listitem");
  expect(rows.map((row) => row.dataset.field)).toEqual(["name", "email"]);
  const marked = [...(rows[1]?.querySelectorAll("mark") ?? [])].map((mark) => mark.textContent);
  expect(marked).toEqual(["acme", "globex"]);
  expect(rows[1]).toHaveTextContent("different, -4.2 bits");
  expect(rows[0]?.querySelector("mark")).toBeNull();
});

it("what was not compared is read from both records when somebody wants to know, what differs first", async () => {
  const { asked } = serve({
    "GET /api/v1/dcl/views/contact/salesforce/003A": () =>
      record({ email: cell("a"), department: cell("IT"), title: cell("CTO"), phone: cell("1") }),
    "GET /api/v1/dcl/views/contact/hubspot/51%2F2": () => record({ email: cell("b"), title: cell("CTO") }),
  });
  const user = renderLinked(<PairPanel review={{ payload }} />);
  expect(asked).toEqual([]);
  await user.click(await screen.findByText("Everything else both records say"));
  const others = within(await screen.findByRole("list", { name: "Everything else both records say" }));
  expect(others.getAllByRole("listitem").map((row) => row.dataset.field)).toEqual(["department", "phone", "title"]);
});

it("a record that cannot be read any more is said", async () => {
  serve({});
  const user = renderLinked(<PairPanel review={{ payload }} />);
  await user.click(await screen.findByText("Everything else both records say"));
  expect(await screen.findByRole("alert")).toBeInTheDocument();
});
