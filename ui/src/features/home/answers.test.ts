import { expect, it } from "vitest";
import type { GraphState, ModelSettingsShown, Models } from "@/api/types";
import { connection } from "@/test/connections";
import { edge, node, stateOf } from "@/test/graph";
import { answersOf } from "./answers";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const answersTo = (known: Partial<Parameters<typeof answersOf>[0]>) =>
  answersOf({ state: stateOf([], []), connections: [], nowMs, ...known });

function filled(): GraphState {
  const table = { ...node("t", 1, "deals"), sourceKey: "crm", fields: ["value", "phase"] };
  const entities = [
    { ...node("e", 2, "Opportunity"), records: 1200 },
    { ...node("f", 2, "Account"), records: 34 },
  ];
  const mapping = (source: string, onto_field: string, confidence: number) => ({ source, onto_field, confidence });
  const feeds = {
    ...edge("t", "e", 2, 0.9),
    field_mappings: [mapping("value", "amount", 0.95), mapping("phase", "stage", 0.62)],
  };
  const state = stateOf([table, ...entities], [feeds]);
  state.ledger = { read: 1300, landed: 1234, duplicate: 60, filtered: 0, rejected: 6, balanced: true };
  return state;
}

it("answers with the organisation's own figures", () => {
  const run = { started_at: "2026-11-22T11:57:00Z" };
  const connections = [connection("crm", { last_run: run as never })];
  const said = answersTo({ state: filled(), connections, drifting: 2 }).map(({ answer }) => answer);
  expect(said).toEqual([
    "1 source with 0 tables. The newest read began 3 minutes ago.",
    "1,234 unified records: Opportunity 1,200, Account 34.",
    "Of 1,300 records that were read, 1,234 landed, 60 were known already, 0 were filtered and 6 were rejected, each with its reason. It adds up.",
    "2 columns have found their field, with a mean confidence of 0.93. The least sure is crm deals.phase → Opportunity.stage with 0.62.",
    "Yes: 2 tables are not as they were accepted.",
    "No. The one connected source is only read.",
  ]);
});

it("says of the ledger that it does not add up where it does not", () => {
  const state = filled();
  state.ledger.balanced = false;
  expect(answersTo({ state })[1]?.answer).toMatch(/It does not add up/);
});

it("leaves out what nobody knows, and promises nothing of an empty tenant", () => {
  expect(answersTo({}).map(({ question }) => question)).toEqual(["Does AutonomOS write to my systems?"]);
});

it("says whether a language model is asked, and why not", () => {
  const models = { usable: false } as Models;
  const model = { model: "gpt-own", provider: "open_ai", production_mode: false } as ModelSettingsShown;
  const said = (part: { models?: Partial<Models>; model?: Partial<ModelSettingsShown> }) =>
    answersTo({ models: { ...models, ...part.models }, model: { ...model, ...part.model } })[0]?.answer;
  expect(said({ models: { usable: true } })).toMatch(/^Yes: gpt-own/);
  expect(said({ model: { production_mode: true } })).toMatch(/production mode/);
  expect(said({ model: { model: null, provider: null } })).toMatch(/none is chosen/);
});
