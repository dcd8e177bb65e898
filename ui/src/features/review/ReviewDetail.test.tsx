import { screen, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { session } from "@/api/session";
import type { ReviewDetail as Detail } from "@/api/types";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { ReviewDetail } from "./ReviewDetail";

const rule = (source: string) => ({ target: "amount", sources: [source], transforms: [], confidence: 0.9 });
const candidate = (to: string, probability: number) => ({
  repair: "rename",
  to,
  probability,
  tier: "review",
  proof: "rows",
  held: null,
  evidence: [`${to} holds the same values`],
  edits: [{ entity: "opportunity", before: rule("Amount"), after: rule(to) }],
});
const review: Detail = {
  id: "r1",
  kind: "drift",
  subject: "s",
  connection_id: "c",
  stream: "deals",
  title: "deals.Amount renamed",
  payload: {
    path: "Amount",
    action: "freeze",
    changes: [{ path: "Amount", to: "Total", kind: "renamed", severity: "breaking", evidence: [] }],
    candidates: [candidate("Total", 0.8), candidate("Net", 0.2)],
  },
  confidence: 0.8,
  severity: "breaking",
  state: "open",
  revision: 3,
  assignee: null,
  created_at: "2026-11-21T12:00:00Z",
  updated_at: "2026-11-21T12:00:00Z",
  expires_at: null,
  decided_at: null,
  decided_by: null,
  outcome: null,
  comments: [],
};
const rehearsal = {
  records: 500,
  rows_before: 500,
  rows_after: 500,
  rows_changed: 12,
  rejected_before: 4,
  rejected_after: 0,
  fields: [{ entity: "opportunity", field: "amount", same: 480, changed: 8, gained: 4, lost: 0 }],
  cells: [{ entity: "opportunity", record_id: "d1", field: "amount", before: null, after: "12.50" }],
  views: ["opportunity"],
  agents: ["RevOps Pilot"],
};

const explain = (allowed: boolean) => () => ({
  body: {
    role: "member",
    scopes: null,
    decisions: [{ action: "drift:decide", allowed, decided_by: "drift:decide", reason: "" }],
  },
});

beforeEach(() => {
  const user = { id: "u", email: "a@b.c", name: "Ann", tenant_id: "t", role: "member" as const, created_at: "" };
  session.begin({ user, access_token: "t", token_type: "bearer", expires_in: 900 });
});

it("a repair is chosen, tried on real records and approved, on the revision that was looked at", async () => {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": explain(true),
    "POST /api/v1/reviews/r1/rehearse": async (request) => {
      sent(await request.json());
      return { body: rehearsal };
    },
    "POST /api/v1/reviews/r1/approve": async (request) => {
      sent(await request.json());
      return { body: { review_id: "r1", version: 4 } };
    },
  });
  const user = renderPart(<ReviewDetail review={review} />);
  await user.click(screen.getByRole("radio", { name: /Net/ }));
  await user.click(await screen.findByRole("button", { name: "Try it" }));
  expect(await screen.findByText(/latest 500 raw records/)).toBeInTheDocument();
  expect(screen.getByText("4 → 0")).toBeInTheDocument();
  const cells = within(screen.getByRole("region", { name: "Some of the cells" }));
  expect(cells.getByText("12.50")).toBeInTheDocument();
  await user.keyboard("a");
  expect(await screen.findByText(/version 4 of the mapping holds/)).toBeInTheDocument();
  expect(sent.mock.calls.map(([body]) => body)).toEqual([
    { candidate: 1, records: 5000 },
    { candidate: 1, revision: 3 },
  ]);
});

it("taking what is seen as it is can be tried before it is said", async () => {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": explain(true),
    "POST /api/v1/reviews/r1/rehearse": async (request) => {
      sent(await request.json());
      return { body: rehearsal };
    },
  });
  const user = renderPart(<ReviewDetail review={review} />);
  await user.click(await screen.findByRole("button", { name: "What if it is?" }));
  expect(await screen.findByText(/latest 500 raw records/)).toBeInTheDocument();
  expect(sent.mock.calls.map(([body]) => body)).toEqual([{ accept: true, records: 5000 }]);
});

it("what a person writes is approved in the place of the proposal, and keys rest meanwhile", async () => {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": explain(true),
    "POST /api/v1/reviews/r1/approve": async (request) => {
      sent(await request.json());
      return { body: { review_id: "r1", version: 4 } };
    },
  });
  const user = renderPart(<ReviewDetail review={review} />);
  await user.click(screen.getByText("Change the columns it reads"));
  const field = screen.getByLabelText("Columns that opportunity.amount reads");
  await user.clear(field);
  await user.type(field, "bararata");
  expect(sent).not.toHaveBeenCalled();
  await user.click(await screen.findByRole("button", { name: "Approve as written" }));
  await vi.waitFor(() => expect(sent).toHaveBeenCalled());
  expect(sent.mock.calls[0]?.[0].edits[0].after.sources).toEqual(["bararata"]);
});

it("a repair is edited and approved without a mouse, and the keys are told", async () => {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": explain(true),
    "POST /api/v1/reviews/r1/approve": async (request) => {
      sent(await request.json());
      return { body: { review_id: "r1", version: 4 } };
    },
  });
  const user = renderPart(<ReviewDetail review={review} />);
  const keys = ["Approve", "Edit", "Try it", "Reject"];
  await screen.findByRole("button", { name: "Approve" });
  expect(keys.map((name) => screen.getByRole("button", { name }).getAttribute("aria-keyshortcuts"))).toEqual([
    "A",
    "E",
    "T",
    "R",
  ]);
  await user.keyboard("e");
  const field = await screen.findByLabelText("Columns that opportunity.amount reads");
  await vi.waitFor(() => expect(field).toHaveFocus());
  await user.keyboard(", Tax{Escape}");
  expect(screen.getByRole("button", { name: "Approve as written" })).toBeEnabled();
  expect(sent).not.toHaveBeenCalled();
  await user.keyboard("a");
  await vi.waitFor(() => expect(sent).toHaveBeenCalled());
  expect(sent.mock.calls[0]?.[0].edits[0].after.sources).toEqual(["Total", "Tax"]);
});

it("rejecting asks why first, and an item that somebody else decided says so", async () => {
  serve({
    "GET /api/v1/auth/explain": explain(true),
    "POST /api/v1/reviews/r1/reject": () => ({
      status: 409,
      body: { detail: "Somebody else came first.", code: "stale", next_step: "Look at it again." },
    }),
  });
  const user = renderPart(<ReviewDetail review={review} />);
  await screen.findByRole("button", { name: "Approve" });
  await user.keyboard("r");
  const dialog = within(screen.getByRole("dialog"));
  await user.type(dialog.getByLabelText("Why"), "they mean different things");
  await user.click(dialog.getByRole("button", { name: "Reject" }));
  expect(await screen.findByText("Somebody else came first.")).toBeInTheDocument();
  expect(dialog.getByLabelText("Why")).toHaveValue("they mean different things");
});

it("whoever may only look is offered no decision", async () => {
  const { asked } = serve({ "GET /api/v1/auth/explain": explain(false) });
  renderPart(<ReviewDetail review={review} />);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(screen.queryByRole("button", { name: "Approve" })).not.toBeInTheDocument();
});
