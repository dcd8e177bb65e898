import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { AssetsCard } from "./AssetsCard";

const may = (action: string) => ({ action, allowed: true, decided_by: action, reason: "" });
const system = (id: string, name: string, more: object) => ({
  id,
  name,
  discovery_type: "data_source_discovery",
  entity_type: "data_source",
  source: name,
  confidence: 0.91,
  evidence: ["seen in 12 scans"],
  attributes: { owner: "finance", last_seen: "2026-09-12" },
  intent: null,
  ...more,
});
const found = {
  configured: true,
  asked: {
    task_id: "t2",
    question: "warehouses",
    state: "failed",
    asked_at: "2026-11-21T12:00:00Z",
    error: "it is away",
  },
  answered: {
    task_id: "t1",
    question: "our systems",
    message: "3 found",
    answered_at: "2026-11-21T11:00:00Z",
    provenance: {},
  },
  items: [
    system("s1", "crm-main", { source_type: "salesforce", connector: "salesforce" }),
    system("s2", "dwh", { source_type: "snowflake", connector: null }),
    system("s3", "erp", {
      source_type: "netsuite",
      connector: null,
      intent: { id: "i3", state: "failed", connection_id: null },
    }),
    { ...system("s1/a", "accounts", { source_type: null, connector: null }), entity_type: "table" },
  ],
};

function server(assets: unknown) {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": () => ({
      body: { decisions: [may("connections:write"), may("orchestration:run")] },
    }),
    "GET /api/v1/aam/assets": () => ({ body: assets }),
    "POST /api/v1/aam/intents": async (request) => {
      sent(await request.json());
      return { status: 202, body: { id: "i2" } };
    },
    "POST /api/v1/aoa/discover": async (request) => {
      sent(await request.json());
      return { status: 202, body: { id: "t3" } };
    },
  });
  return sent;
}

it("explains what to set up where no discovery service is", async () => {
  server({ configured: false, asked: null, answered: null, items: [] });
  renderLinked(<AssetsCard onOpen={() => undefined} />);
  expect(await screen.findByText("No discovery service is set up")).toBeInTheDocument();
  expect(screen.getByText(/\[aod\] url/)).toBeInTheDocument();
});

it("shows the newest answer with what became of the newest question, and leads each system further", async () => {
  const sent = server(found);
  const onOpen = vi.fn();
  const user = renderLinked(<AssetsCard onOpen={onOpen} />);
  expect(await screen.findByText(/“warehouses” was not answered/)).toBeInTheDocument();
  expect(screen.getByText("it is away")).toBeInTheDocument();
  expect(screen.getByText(/“our systems”, answered/)).toBeInTheDocument();
  const row = (id: string) => within(document.querySelector(`[data-asset="${id}"]`) as HTMLElement);
  expect(await row("s1").findByRole("link", { name: "Propose it" })).toHaveAttribute(
    "href",
    expect.stringContaining("asset=s1"),
  );
  await user.click(row("s3").getByRole("button", { name: "failed" }));
  expect(onOpen).toHaveBeenCalledWith("i3");
  await user.click(row("s2").getByRole("button", { name: "Note it" }));
  expect(sent).toHaveBeenLastCalledWith({
    source_type: "snowflake",
    name: "dwh",
    evidence: { status: "discovered", source: "aod/s2", ts: "2026-11-21T11:00:00Z" },
    owner: { user: "finance", confidence: 0.91, why: "seen in 12 scans" },
  });
  await user.type(screen.getByLabelText("What are you looking for?"), "support");
  await user.click(screen.getByRole("button", { name: "Find" }));
  expect(sent).toHaveBeenLastCalledWith(expect.objectContaining({ nlp_query: "support" }));
});
