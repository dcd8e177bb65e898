// The contract of a table between the form, where nothing means everything, and the API. Pure.
import type { components } from "@/api/schema";
import { text } from "@/text/connections";

type Contract = components["schemas"]["Contract"];
export type WrittenRule = { change: string; path: string; action: string };

export const ACTIONS = Object.keys(text.contract.actions) as (keyof typeof text.contract.actions)[];
export const CHANGES = Object.keys(text.contract.changes) as (keyof typeof text.contract.changes)[];
/** What nobody wants to happen unseen. */
export const NEW_RULE: WrittenRule = { change: "", path: "", action: "freeze" };

export function writtenRules(rules: Contract["rules"]): WrittenRule[] {
  return rules.map(({ change, path, action }) => ({ change: change ?? "", path: path ?? "", action }));
}

export function contractOf(rules: WrittenRule[]): Contract {
  return {
    rules: rules.map(({ change, path, action }) => ({
      action,
      ...(change !== "" && { change }),
      ...(path.trim() !== "" && { path: path.trim() }),
    })),
  };
}
