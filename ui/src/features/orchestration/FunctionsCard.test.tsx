import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { FunctionsCard } from "./FunctionsCard";

it("shows what each function has to do, and leads to where that is done", async () => {
  const items = [
    { id: "plan", name: "Plan", counters: [{ name: "reviews that wait", value: 1236 }] },
    { id: "execute", name: "Execute", counters: [] },
  ];
  serve({ "GET /api/v1/aoa/functions": () => ({ body: { items } }) });
  renderLinked(<FunctionsCard />);
  expect(await screen.findByRole("link", { name: "Plan" })).toHaveAttribute("href", "/review");
  expect(screen.getByText("1,236")).toBeInTheDocument();
  expect(screen.getByText("reviews that wait")).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "Execute" })).not.toBeInTheDocument();
  expect(screen.getByText("nothing was measured yet")).toBeInTheDocument();
});
