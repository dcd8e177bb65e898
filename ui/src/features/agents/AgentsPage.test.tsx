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
/** Findings are drawn once what stands above them is there. */
const PATIENT = { timeout: 5_000 };

beforeEach(() => {
  asked.mockClear();
});

const group = { agent: "finops_pilot", kind: "idle_resource", not_priced: 0, at_stake: [] as object[] };

function open({ groups = [{ ...group, findings: 1 }] as object[], findings = [finding] } = {}) {
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
    "GET /api/v1/agents/findings": (request) => {
      const { searchParams: asked } = new URL(request.url);
      const kind = asked.get("kind");
      const items = findings.filter((one) => kind === null || one.kind === kind).slice(0, Number(asked.get("limit")));
      return { body: { items, next_cursor: null } };
    },
    "GET /api/v1/agents/findings/groups": () => ({ body: { items: groups } }),
    "GET /api/v1/agents/findings/f1": () => ({ body: finding }),
    "GET /api/v1/agents/proposals": () => ({ body: { items: [proposal], next_cursor: null } }),
    "POST /api/v1/sql": () => ({
      body: { columns: [{ name: "subject", type: "VARCHAR" }], rows: [["i-1"]], truncated: false, elapsed_ms: 1 },
    }),
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
  const mode = await screen.findByLabelText("How far FinOps Pilot may go");
  await vi.waitFor(() => expect(mode).toBeEnabled());
  await user.selectOptions(mode, "Approve to act");
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
  await user.click(await screen.findByRole("button", { name: /i-1 idles/ }, PATIENT));
  const drawer = screen.getByRole("dialog");
  expect(within(drawer).getByText("1,240.5 (currency not known)")).toBeInTheDocument();
  expect(within(drawer).getByText("CPU below 5 % for a month.")).toBeInTheDocument();
  expect(within(drawer).getByText("SELECT 1")).toBeInTheDocument();
  await user.click(within(drawer).getByRole("button", { name: "Run it now" }));
  expect(await within(drawer).findByRole("cell", { name: "i-1" })).toBeInTheDocument();
  asked.mockClear();
  await user.click(within(drawer).getByRole("button", { name: "Useful" }));
  await vi.waitFor(() =>
    expect(asked).toHaveBeenCalledExactlyOnceWith("PUT /api/v1/agents/findings/f1/feedback", { feedback: "useful" }),
  );
});

it("many findings come by their kind with what is at stake, and only the first of all are named", async () => {
  const idle = Array.from({ length: 8 }, (_, at) => ({
    ...finding,
    id: `i${at}`,
    body: { ...finding.body, title: `machine ${at} idles` },
  }));
  const gap = { ...finding, id: "g", kind: "pipeline_gap", body: { ...finding.body, title: "December is short" } };
  const user = open({
    groups: [
      { ...group, findings: 8, not_priced: 2, at_stake: [{ amount: "48120.50", currency: "USD" }] },
      { ...group, kind: "pipeline_gap", findings: 1 },
    ],
    findings: [...idle, gap],
  });
  const kind = await screen.findByRole(
    "button",
    { name: /Idle resource.*8 findings.*48,121 USD.*2 not priced/ },
    PATIENT,
  );
  expect(screen.getAllByRole("button", { name: /idles/ })).toHaveLength(5);
  expect(screen.queryByText("December is short")).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: /Pipeline gap.*1 finding/ }));
  expect(await screen.findByText("December is short")).toBeInTheDocument();
  await user.click(kind);
  await vi.waitFor(() => expect(screen.getAllByRole("button", { name: /machine \d idles/ })).toHaveLength(5 + 8));
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
