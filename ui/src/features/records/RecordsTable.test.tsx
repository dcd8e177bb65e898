import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { OntologyEntity, ViewColumn } from "@/api/types";
import { RecordsTable } from "./RecordsTable";

const column = (name: string): ViewColumn => ({ name, type: "string" }) as ViewColumn;

function open(key: string, names: string[], records: Record<string, unknown>[]) {
  const onOpen = vi.fn();
  const onSort = vi.fn();
  render(
    <RecordsTable
      entity={{ name: "account", label: "Account", key, fields: [] } as unknown as OntologyEntity}
      columns={names.map(column)}
      records={records as never}
      sort={undefined}
      onSort={onSort}
      onOpen={onOpen}
    />,
  );
  return { user: userEvent.setup(), onOpen, onSort };
}

const headings = () => screen.getAllByRole("columnheader").map((heading) => heading.textContent);

it("a record is called by its name first, and its id stands behind its source", async () => {
  const { user, onOpen, onSort } = open(
    "account_id",
    ["_source", "account_id", "industry", "name"],
    [
      { _source: "crm", _record_id: "0b1f-4c", account_id: "0b1f-4c", industry: "Steel", name: "Acme" },
      { _source: "erp", _record_id: "77", account_id: "77", industry: "Wood", name: null },
    ],
  );
  expect(headings()).toEqual(["Name", "Source", "Account ID", "Industry"]);
  const rows = screen.getAllByRole("row").slice(1);
  expect(rows[0]?.querySelector("td")).toHaveTextContent("Acme");
  expect(rows[1]?.querySelector("td")).toHaveTextContent("77");
  await user.click(screen.getByRole("button", { name: "Acme" }));
  expect(onOpen).toHaveBeenCalledWith("crm/0b1f-4c");
  await user.click(screen.getByRole("button", { name: "Name" }));
  expect(onSort).toHaveBeenCalledWith("name");
});

it("records without names are called by their ids", () => {
  open("cost_id", ["_source", "cost_id", "cost"], [{ _source: "aws", _record_id: "c1", cost_id: "c1", cost: "5" }]);
  expect(headings()).toEqual(["Record", "Source", "Cost"]);
  expect(screen.getByRole("button", { name: "c1" })).toBeInTheDocument();
});
