import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { renderPart } from "@/test/render";
import { Diff } from "./Diff";

it("says with words and not with colours alone what is added, removed and changed", () => {
  renderPart(
    <Diff
      label="Mapping"
      changes={[
        { name: "amount", before: "Amount", after: "Deal" },
        { name: "currency", before: null, after: "Code" },
        { name: "region", before: "", after: null },
        { name: "name", before: "Name", after: "Name" },
      ]}
    />,
  );
  const kinds = screen.getAllByRole("row").map((row) => row.getAttribute("data-change"));
  expect(kinds).toEqual([null, "changed", "added", "removed", "same"]);
  expect(screen.getByText("~ changed")).toBeInTheDocument();
});

it("says when nothing would change", () => {
  renderPart(<Diff label="Mapping" changes={[{ name: "name", before: "a", after: "a" }]} />);
  expect(screen.getByText("Nothing would change.")).toBeInTheDocument();
});
