import { screen, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { AgentsPage } from "./AgentsPage";

const pilot = {
  id: "finops_pilot",
  kind: "pilot",
  name: "FinOps Pilot",
  description: "Looks at cost.",
  mode: "recommend",
  enabled: true,
  api_key: null,
  budgets: { rows_per_day: 500 },
  active: true,
  used_today: { rows: 12 },
  open_findings: 1,
  updated_at: null,
};
const finding = {
  id: "f1",
  agent: "finops_pilot",
  kind: "idle_resource",
  subject: "i-1",
  state: "open",
  body: {
    title: "i-1 idles",
    means: "CPU below 5 % for a month.",
    evidence: { cpu_percent: 2 },
    sql: "SELECT 1",
    mapping_versions: [],
  },
  amount: "1240.5",
  currency: null,
  confidence: 0.9,
  first_seen_at: "2026-11-20T12:00:00Z",
  last_seen_at: "2026-11-21T12:00:00Z",
  resolved_at: null,
  times_seen: 2,
  feedback: null,
  feedback_note: null,
  feedback_by: null,
  ignored_until: null,
};
const proposal = {
  id: "p1",
  agent: "copilot",
  task_kind: "sync",
  payload: { connection: "crm" },
  reason: "Nothing came since yesterday.",
  state: "open",
  proposed_by: "key:k",
  proposed_at: "2026-11-21T12:00:00Z",
  decided_by: null,
  decided_at: null,
  task_id: null,
};
const may = (action: string) => ({ action, allowed: true, decided_by: action, reason: "" });
const asked = vi.fn();

beforeEach(() => {
  asked.mockClear();
});

function open() {
  const note = async (request: Request) => {
    const body = await request.text();
    asked(`${request.method} ${new URL(request.url).pathname}`, body === "" ? null : JSON.parse(body));
    return { body: {} };
  };
  serve({
    "GET /api/v1/auth/explain": () => ({
      body: {
        role: "owner",
        scopes: null,
        decisions: ["flags:write", "agents:manage", "agents:run", "agents:decide"].map(may),
      },
    }),
    "GET /api/v1/flags": () => ({ body: { items: [{ name: "AGENTS_ENABLED", value: true }] } }),
    "GET /api/v1/agents": () => ({ body: { items: [pilot] } }),
    "GET /api/v1/agents/finops_pilot/runs": () => ({ body: { items: [], next_cursor: null } }),
    "GET /api/v1/agents/findings": () => ({ body: { items: [finding], next_cursor: null } }),
    "GET /api/v1/agents/proposals": () => ({ body: { items: [proposal], next_cursor: null } }),
    "PUT /api/v1/flags/AGENTS_ENABLED": note,
    "PUT /api/v1/agents/finops_pilot": note,
    "POST /api/v1/agents/finops_pilot/run": note,
    "POST /api/v1/agents/proposals/p1/approve": note,
    "PUT /api/v1/agents/findings/f1/feedback": note,
  });
  return renderLinked(<AgentsPage />);
}

it("stopping all agents asks first, and is then one request", async () => {
  const user = open();
  await user.click(await screen.findByRole("switch", { name: "Agents may act" }));
  expect(asked).not.toHaveBeenCalled();
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Stop them" }));
  await vi.waitFor(() =>
    expect(asked).toHaveBeenCalledExactlyOnceWith("PUT /api/v1/flags/AGENTS_ENABLED", { value: false }),
  );
});

it("how far an agent may go is changed without changing the rest of it", async () => {
  const user = open();
  await user.selectOptions(await screen.findByLabelText("How far FinOps Pilot may go"), "Approve to act");
  const { name, description, enabled, api_key, budgets } = pilot;
  await vi.waitFor(() =>
    expect(asked).toHaveBeenCalledExactlyOnceWith("PUT /api/v1/agents/finops_pilot", {
      name,
      description,
      enabled,
      api_key,
      budgets,
      mode: "approve_to_act",
    }),
  );
  expect(screen.getByText("12 of 500 rows")).toBeInTheDocument();
});

it("a finding shows what it rests on, and money of no known currency says so", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: /i-1 idles/ }));
  const drawer = screen.getByRole("dialog");
  expect(within(drawer).getByText("1,240.5 (currency not known)")).toBeInTheDocument();
  expect(within(drawer).getByText("CPU below 5 % for a month.")).toBeInTheDocument();
  expect(within(drawer).getByText("SELECT 1")).toBeInTheDocument();
  await user.click(within(drawer).getByRole("button", { name: "Useful" }));
  await vi.waitFor(() =>
    expect(asked).toHaveBeenCalledExactlyOnceWith("PUT /api/v1/agents/findings/f1/feedback", { feedback: "useful" }),
  );
});

it("what an agent proposes is done only when a person approves it", async () => {
  const user = open();
  expect(await screen.findByText("Nothing came since yesterday.")).toBeInTheDocument();
  expect(asked).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Approve" }));
  await vi.waitFor(() =>
    expect(asked).toHaveBeenCalledExactlyOnceWith("POST /api/v1/agents/proposals/p1/approve", null),
  );
});
