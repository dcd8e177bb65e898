import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { connection } from "@/test/connections";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { FirstRun } from "./FirstRun";

const may = (action: string, allowed = true) => ({ action, allowed, decided_by: action, reason: "" });
const offered = {
  offered: true,
  samples: [
    { name: "hubspot", title: "hubspot", connection_id: null },
    { name: "zendesk", title: "zendesk", connection_id: null },
  ],
  simulated: [{ name: "salesforce", title: "Salesforce", connection_id: null }],
};

function server(samples: unknown, writes = true) {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": () => ({ body: { decisions: [may("connections:write", writes)] } }),
    "GET /api/v1/samples": () => ({ body: samples }),
    "POST /api/v1/samples": async (request) => {
      sent(await request.json());
      return { status: 202, body: { connections: ["c"], run_id: "r" } };
    },
  });
  return sent;
}

it("offers sample data by one click, and a simulated service by another", async () => {
  const sent = server(offered);
  const user = renderLinked(<FirstRun connections={[]} records={0} />);
  expect(await screen.findByText(/2 systems of an invented company/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Use the sample data" }));
  expect(sent).toHaveBeenLastCalledWith({});
  await user.click(await screen.findByRole("button", { name: /A simulated Salesforce/ }));
  expect(sent).toHaveBeenLastCalledWith({ simulated: ["salesforce"] });
});

it("says how to play a service where the operator offers nothing, and offers nothing that would be refused", async () => {
  server({ offered: false, samples: [], simulated: [] });
  renderLinked(<FirstRun connections={[]} records={0} />);
  expect(await screen.findByText(/autonomos simulate hubspot/)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Use the sample data" })).not.toBeInTheDocument();
});

it("offers a viewer no sample data", async () => {
  server(offered, false);
  renderLinked(<FirstRun connections={[]} records={0} />);
  expect(await screen.findByText("What would you like to connect?")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Use the sample data" })).not.toBeInTheDocument();
});

it("says of each source how far it is while they are read", async () => {
  server(offered);
  const run = { landed: 360, outcome: "success" };
  const connections = [
    connection("zendesk", { status: "ready", last_run: run as never }),
    connection("hubspot", { status: "running" }),
  ];
  renderLinked(<FirstRun connections={connections} records={0} />);
  expect(await screen.findByText("360 records")).toBeInTheDocument();
  expect(screen.getByText("is being read")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Reading…" })).toBeDisabled();
});
