import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { stateOf } from "@/test/graph";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { Needs } from "./Needs";

const list = { body: { items: [], next_cursor: null } };
const idle = {
  waiting: 0,
  delayed: 0,
  running: 0,
  failed: 0,
  canceled: 0,
  oldest_waiting_seconds: null,
  max_running: null,
};

function open(waiting: { status?: number; body: unknown }) {
  serve({
    "GET /api/v1/tasks/stats": () => ({ body: idle }),
    "GET /api/v1/aam/metrics": () => ({ body: { alerts: [] } }),
    "GET /api/v1/drift": () => list,
    "GET /api/v1/reviews/waiting": () => waiting,
    "GET /api/v1/agents/proposals": () => list,
    "GET /api/v1/agents": () => list,
  });
  renderLinked(<Needs state={stateOf([], [])} connections={[]} />);
}

it("counts what waits in the review queue, and leads there", async () => {
  open({ body: { total: 236, kinds: { entity_pair: 236 } } });
  expect(await screen.findByRole("link", { name: "236 pairs that may be one thing" })).toHaveAttribute(
    "href",
    "/review",
  );
});

it("says that nothing waits only where everything was looked at", async () => {
  open({ status: 503, body: { detail: "The database is away.", code: "unavailable" } });
  expect(await screen.findByText("Not everything could be looked at, so nobody knows.")).toBeInTheDocument();
});

it("says that nothing waits where that is so", async () => {
  open({ body: { total: 0, kinds: {} } });
  expect(await screen.findByText("Nothing needs you right now.")).toBeInTheDocument();
});
