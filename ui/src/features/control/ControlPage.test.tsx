import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { ControlPage } from "./ControlPage";

const persona = {
  id: "cro",
  name: "CRO",
  description: "What is in the pipeline.",
  pilot: null,
  questions: ["How many opportunities are there by stage?"],
};
const summary = {
  persona: "cro",
  at: "2026-11-21T12:00:00Z",
  tiles: [
    {
      key: "pipeline",
      title: "Open pipeline",
      status: "known",
      money: true,
      values: [
        { value: 1200, currency: "EUR" },
        { value: 508, currency: null },
      ],
      fact: null,
      note: null,
      sql: "SELECT 1",
    },
    {
      key: "tickets",
      title: "Open tickets",
      status: "not_connected",
      money: false,
      values: [],
      fact: null,
      note: "connect a help desk",
      sql: null,
    },
    {
      key: "stalled_deals",
      title: "Stalled deals",
      status: "empty",
      money: false,
      values: [],
      fact: "findings.stalled_deal",
      note: "the RevOps Pilot has not looked yet; run it under Agents",
      sql: null,
    },
  ],
  table: { title: "By stage", columns: ["service_category"], rows: [["compute"]], note: null, sql: "SELECT 1" },
  questions: [],
};
const receipt = {
  format: "autonomos.receipt.v1",
  id: "q1",
  question: "How many opportunities are there by stage?",
  sql: "SELECT stage, count(*) FROM opportunity GROUP BY stage",
  rows_sha256: "9f86d081",
  row_count: 2,
  masked: false,
};
const answered = {
  outcome: "answered",
  resolved_persona: "cro",
  timestamp: "2026-11-21T12:00:00Z",
  id: "q1",
  answer: "There are 2 stages; the most are in Won (7).",
  plan: { entity: "opportunity" },
  sql: receipt.sql,
  columns: ["stage", "count"],
  rows: [
    ["Won", 7],
    ["Lost", 2],
  ],
  truncated: false,
  notes: ["9 of 12 opportunity records state stage"],
  sources: ["salesforce"],
  mapping_versions: [{ source: "salesforce", table: "Opportunity", version: 2 }],
  freshness: "2026-11-21T11:00:00Z",
  weakest_confidence: 0.91,
  receipt,
};
const refused = {
  outcome: "refused",
  id: "q2",
  resolved_persona: null,
  timestamp: "2026-11-21T12:00:00Z",
  refusal: {
    code: "not_understood",
    reason: "`churned` is not understood",
    missing: [{ what: "churned", near: ["status"] }],
  },
};

function open(outcome: object, more: Parameters<typeof serve>[0] = {}) {
  const asked = vi.fn();
  serve({
    "GET /api/v1/nlp/personas": () => ({ body: { items: [persona] } }),
    "GET /api/v1/nlp/persona": () => ({ body: { persona: "cro" } }),
    "GET /api/v1/nlp/persona/summary": () => ({ body: summary }),
    "GET /api/v1/questions": () => ({ body: { items: [], next_cursor: null } }),
    "POST /api/v1/nlp/query": async (request) => {
      asked(await request.json());
      return { body: outcome };
    },
    ...more,
  });
  return { user: renderLinked(<ControlPage />), asked };
}

it("answers with the rows, what they rest on, and a receipt that is checked", async () => {
  const verified = vi.fn();
  const { user, asked } = open(answered, {
    "POST /api/v1/receipts/verify": async (request) => {
      verified(await request.json());
      return { body: { genuine: true } };
    },
  });
  await user.click(await screen.findByRole("button", { name: "How many opportunities are there by stage?" }));
  expect(await screen.findByText("There are 2 stages; the most are in Won (7).")).toBeInTheDocument();
  expect(asked).toHaveBeenCalledExactlyOnceWith({
    query: "How many opportunities are there by stage?",
    persona: "cro",
  });
  const rows = within(screen.getByRole("region", { name: "Rows of the answer" })).getAllByRole("row");
  expect(rows).toHaveLength(3);
  expect(screen.getByText("9 of 12 opportunity records state stage")).toBeInTheDocument();
  expect(screen.getByText("salesforce")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Check the signature" }));
  expect(await screen.findByText("The signature is genuine; nothing in it was changed.")).toBeInTheDocument();
  expect(verified).toHaveBeenCalledExactlyOnceWith(receipt);
});

it("puts what a refusal misses before people, and says how often it was asked for", async () => {
  const reported = vi.fn();
  const { user } = open(refused, {
    "POST /api/v1/questions/q2/gap": () => {
      reported();
      return { body: { review_id: "r1", what: "churned", asked: 3, state: "open", opened: false } };
    },
  });
  await user.click(await screen.findByRole("button", { name: "How many opportunities are there by stage?" }));
  await user.click(await screen.findByRole("button", { name: "Ask for it to be added" }));
  expect(await screen.findByText("“churned” is before people now; it was asked for 3 times.")).toBeInTheDocument();
  expect(reported).toHaveBeenCalledOnce();
});

it("a refusal names what is missing and what is near, and takes no guess", async () => {
  const { user } = open(refused);
  await user.type(await screen.findByRole("textbox", { name: "Your question" }), "How many churned?");
  await user.click(screen.getByRole("button", { name: "Ask" }));
  expect(await screen.findByText("churned")).toBeInTheDocument();
  expect(screen.getByText("churned").parentElement).toHaveTextContent("churned is not understood");
  expect(screen.getByText("“churned” is not known here.")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "status" }));
  expect(screen.getByRole("textbox", { name: "Your question" })).toHaveValue("status");
});

it("what a question leaves open is named as that, and not as unknown", async () => {
  const missing = [{ what: "a currency", near: ["in EUR", "in USD"] }];
  const { user } = open({ ...refused, refusal: { ...refused.refusal, code: "mixed_units", missing } });
  await user.type(await screen.findByRole("textbox", { name: "Your question" }), "Top 5 deals by amount");
  await user.click(screen.getByRole("button", { name: "Ask" }));
  expect(await screen.findByText("Left open: a currency.")).toBeInTheDocument();
  expect(screen.getByText("Say one of these:")).toBeInTheDocument();
  expect(screen.queryByText(/is not known here/)).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "in USD" }));
  expect(screen.getByRole("textbox", { name: "Your question" })).toHaveValue("Top 5 deals by amount in USD");
});

it("a tile that nothing fills says what to connect instead of a zero", async () => {
  open(answered);
  expect(await screen.findByText("1,200 EUR")).toBeInTheDocument();
  expect(screen.getByText("connect a help desk")).toBeInTheDocument();
  expect(screen.getAllByText("not measured yet")).toHaveLength(2);
});

it("a tile names the part that it shows, and leads to what it counts", async () => {
  open(answered);
  expect(await screen.findByText("the part in EUR; besides: 508 without a currency")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: /RevOps Pilot has not looked yet/ })).toHaveAttribute("href", "/agents");
  expect(screen.getByRole("link", { name: "Open what “Stalled deals” counts" })).toHaveAttribute("href", "/agents");
  expect(screen.getByRole("columnheader", { name: "Service category" })).toBeInTheDocument();
});

it("a question that could not be put says why and stays", async () => {
  const { user } = open(
    {},
    {
      "POST /api/v1/nlp/query": () => ({ status: 500, body: { detail: "Something broke.", code: "internal" } }),
    },
  );
  await user.click(await screen.findByRole("button", { name: "How many opportunities are there by stage?" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Something broke.");
});
