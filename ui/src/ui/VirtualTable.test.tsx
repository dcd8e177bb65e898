import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { renderPart } from "@/test/render";
import { VirtualTable } from "./VirtualTable";

const rows = Array.from({ length: 10_000 }, (_, at) => ({ number: at + 1, name: `source ${10_000 - at}` }));

function open() {
  return renderPart(
    <VirtualTable
      label="Sources"
      rows={rows}
      rowKey={(row) => String(row.number)}
      words={(row) => row.name}
      columns={[
        { name: "number", heading: "Number", width: "1fr", cell: (row) => row.number },
        { name: "name", heading: "Name", width: "1fr", value: (row) => row.name, cell: (row) => row.name },
      ]}
    />,
  );
}

const shown = () => screen.getAllByRole("row").slice(1);

it("draws the rows in sight of ten thousand, and says how many there are", () => {
  open();
  expect(shown().length).toBeGreaterThan(5);
  expect(shown().length).toBeLessThan(50);
  expect(screen.getByRole("table", { name: "Sources" })).toHaveAttribute("aria-rowcount", "10001");
  expect(screen.getByText("10,000 rows")).toBeInTheDocument();
});

it("orders all of them by a heading, numbers in names by their value", async () => {
  const user = open();
  const heading = screen.getByRole("columnheader", { name: "Name" });
  await user.click(within(heading).getByRole("button"));
  expect(heading).toHaveAttribute("aria-sort", "ascending");
  expect(shown()[0]).toHaveTextContent("source 1");
  expect(shown()[1]).toHaveTextContent("source 2");
});

it("filters all of them, and says when nothing fits", async () => {
  const user = open();
  await user.type(screen.getByRole("searchbox"), "source 9999");
  expect(shown()).toHaveLength(1);
  expect(screen.getByText("1 of 10,000 rows")).toBeInTheDocument();
  await user.type(screen.getByRole("searchbox"), "x");
  expect(screen.getByText("Nothing fits this filter.")).toBeInTheDocument();
});
