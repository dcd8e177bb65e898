import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Agent, LiveMessage } from "@/api/types";
import { connection } from "@/test/connections";
import { stateOf } from "@/test/graph";
import { serve } from "@/test/server";
import { RunPanel } from "./RunPanel";
import { runStore } from "./runStore";

const agent: Agent = {
  id: "a1",
  name: "FinOps Pilot",
  description: "",
  color: "",
  consumes: [],
  key_metrics: [],
  selected: true,
};

function open(names: string[]) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RunPanel
        connections={names.map((name) => connection(name))}
        agents={[agent]}
        state={stateOf([], [])}
        onAdd={() => undefined}
        none={<p>nothing to run</p>}
      />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const percentOf = (name: string) => screen.getByRole("progressbar", { name }).getAttribute("aria-valuenow");

afterEach(() => runStore.clear());

describe("the run panel", () => {
  it("runs what is ticked and nothing else", async () => {
    const sent = vi.fn();
    serve({
      "POST /api/v1/dcl/connect": async (request) => {
        sent(await request.json());
        return { status: 202, body: { run_id: "r1" } };
      },
      "GET /api/v1/dcl/connect/r1": () => ({
        body: { run_id: "r1", status: "running", started_at: "", elapsed_ms: 5, sources: [] },
      }),
    });
    const user = open(["crm", "erp"]);
    await user.click(await screen.findByRole("checkbox", { name: "erp" }));
    await user.click(screen.getByRole("button", { name: "Run 1 source" }));
    expect(sent).toHaveBeenCalledWith({ sources: ["crm"], agents: ["a1"] });
    expect(await screen.findByRole("button", { name: "Running…" })).toBeDisabled();
  });

  it("cannot run without a source", async () => {
    const user = open(["crm"]);
    const sources = await screen.findByRole("group", { name: "Sources" });
    await user.click(within(sources).getByRole("button", { name: "Clear sources" }));
    expect(screen.getByRole("button", { name: "Run 0 sources" })).toBeDisabled();
  });

  it("shows the progress that was reported and no more", async () => {
    open(["crm", "erp"]);
    await screen.findByRole("group", { name: "Sources" });
    act(() => runStore.begin("r1", ["crm", "erp"], 0));
    expect(percentOf("Progress of the run")).toBe("0");
    const message: LiveMessage = {
      type: "mapping_progress",
      id: "1",
      at: "",
      data: {
        run_id: "r1",
        source: "crm",
        stage: "mapping",
        tables_done: 1,
        tables: 2,
        records_read: 40,
        message: "",
        percent: 60,
      },
    };
    act(() => runStore.receive(message, 10));
    expect(percentOf("Progress of crm")).toBe("60");
    expect(percentOf("Progress of the run")).toBe("30");
    expect(screen.getByText("40 records read")).toBeInTheDocument();
  });

  it("says that there was nothing new, once that is known", async () => {
    open(["crm"]);
    await screen.findByRole("group", { name: "Sources" });
    act(() => runStore.begin("r1", ["crm"], 0));
    expect(screen.getByText("0 records read")).toBeInTheDocument();
    const message: LiveMessage = {
      type: "sources_connected",
      id: "2",
      at: "",
      data: { run_id: "r1", sources: ["crm"], elapsed_ms: 9 },
    };
    act(() => runStore.receive(message, 9));
    expect(screen.getByText("nothing new to read")).toBeInTheDocument();
  });

  it("tells why a run was refused", async () => {
    serve({
      "POST /api/v1/dcl/connect": () => ({
        status: 409,
        body: { detail: "A run is going on.", code: "connect_running", next_step: "Wait for it." },
      }),
    });
    const user = open(["crm"]);
    await user.click(screen.getByRole("button", { name: "Run 1 source" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("A run is going on.Wait for it.");
  });

  it("says what to do when there is nothing to run", () => {
    open([]);
    expect(screen.queryByRole("button", { name: /^Run/ })).not.toBeInTheDocument();
    expect(screen.getByText("nothing to run")).toBeInTheDocument();
  });
});
