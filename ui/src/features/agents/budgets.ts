// Budgets between the form, where everything is text and nothing means no limit, and the API. Pure.
import type { AgentSettings } from "@/api/types";

export type Budgets = NonNullable<AgentSettings["budgets"]>;
export type WrittenBudgets = Record<"rows" | "writes" | "tokens" | "dollars", string>;

export function writtenBudgets(budgets: AgentSettings["budgets"]): WrittenBudgets {
  return {
    rows: budgets?.rows_per_day?.toString() ?? "",
    writes: budgets?.writes_per_day?.toString() ?? "",
    tokens: budgets?.tokens_per_day?.toString() ?? "",
    dollars: budgets?.dollars_per_day ?? "",
  };
}

/** Money stays text, because a float would change it. */
export function budgetsOf({ rows, writes, tokens, dollars }: WrittenBudgets): Budgets {
  const whole = (written: string) => (written.trim() === "" ? null : Number(written));
  return {
    rows_per_day: whole(rows),
    writes_per_day: whole(writes),
    tokens_per_day: whole(tokens),
    dollars_per_day: dollars.trim() === "" ? null : dollars.trim(),
  };
}
