import { expect, it } from "vitest";
import { budgetsOf, writtenBudgets } from "./budgets";

it("a budget comes back as it was written, and nothing written is no limit", () => {
  const budgets = { rows_per_day: 500, writes_per_day: null, tokens_per_day: 0, dollars_per_day: "1.50" };
  expect(budgetsOf(writtenBudgets(budgets))).toEqual(budgets);
  expect(budgetsOf(writtenBudgets(undefined))).toEqual({
    rows_per_day: null,
    writes_per_day: null,
    tokens_per_day: null,
    dollars_per_day: null,
  });
});
