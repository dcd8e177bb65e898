import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { FieldLineage } from "@/api/types";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { LineageSearch } from "./LineageSearch";

const line: FieldLineage = {
  kind: "field",
  source: "crm",
  table: "deals",
  column: "value",
  entity: "opportunity",
  field: "amount",
  confidence: 0.9,
  mapping_version: 1,
};

it("finds columns by a part of a name, and shows the field of one alone in the picture", async () => {
  const { asked } = serve({
    "GET /api/v1/dcl/lineage": (request) => ({
      body: { items: new URL(request.url).searchParams.get("search") === "no" ? [] : [line] },
    }),
  });
  const shown = vi.fn();
  const user = renderLinked(<LineageSearch onShow={shown} />);
  const search = await screen.findByRole("searchbox", { name: "Search the lineage" });
  await user.type(search, "no");
  expect(await screen.findByText(/Nothing is called “no”/)).toBeInTheDocument();
  await user.clear(search);
  await user.type(search, "amount");
  await user.click(await screen.findByRole("button", { name: "Show opportunity.amount in the picture" }));
  expect(shown).toHaveBeenCalledExactlyOnceWith(line);
  expect(asked.some((request) => request.includes("search=amount&limit="))).toBe(true);
});
