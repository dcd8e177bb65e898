import { describe, expect, it } from "vitest";
import { changesOf, describeRule, editedBy, itemOf } from "./item";

const before = { target: "amount", sources: ["Amount"], transforms: [], confidence: 0.97, origin: "matched" };
const after = {
  ...before,
  sources: ["Deal_Amount"],
  transforms: [{ kind: "scale", factor: "0.01" }],
  confidence: 0.91,
};
const edit = { entity: "opportunity", before, after };

describe("an item of the queue", () => {
  it("is read from its payload", () => {
    const item = itemOf({
      path: "Amount",
      action: "freeze",
      changes: [
        { path: "Amount", to: "Deal_Amount", kind: "renamed", severity: "breaking", evidence: ["same values"] },
      ],
      candidates: [
        { repair: "rename", to: "Deal_Amount", probability: 0.91, tier: "review", held: null, edits: [edit] },
      ],
    });
    expect(item.changes[0]).toMatchObject({ kind: "renamed", to: "Deal_Amount", evidence: ["same values"] });
    expect(item.candidates[0]).toMatchObject({ repair: "rename", probability: 0.91, held: null, evidence: [] });
  });

  it("of another kind, or broken, has no repairs and breaks nothing", () => {
    for (const payload of [null, "text", { candidates: "many", changes: [7] }]) {
      expect(itemOf(payload).candidates).toEqual([]);
    }
  });
});

describe("a rule", () => {
  it("is put in words: its columns, its steps, its confidence", () => {
    expect(describeRule(after)).toBe("Deal_Amount, then scale 0.01 (0.91)");
    expect(describeRule({ ...before, sources: ["First", "Last"] })).toBe("First + Last (0.97)");
    expect(describeRule(null)).toBeNull();
  });

  it("is shown before and after", () => {
    expect(changesOf([edit, { entity: "account", before, after: null }])).toEqual([
      { name: "opportunity.amount", before: "Amount (0.97)", after: "Deal_Amount, then scale 0.01 (0.91)" },
      { name: "account.amount", before: "Amount (0.97)", after: null },
    ]);
  });

  it("reads the columns that a person wrote in the place of the proposed ones", () => {
    expect(editedBy([edit], { 0: " Total ,  Tax" })).toEqual([
      { ...edit, after: { ...after, sources: ["Total", "Tax"] } },
    ]);
  });

  it("is left as proposed when nothing else was written", () => {
    expect(editedBy([edit], {})).toBeNull();
    expect(editedBy([edit], { 0: "Deal_Amount" })).toBeNull();
    expect(editedBy([edit], { 0: " , " })).toBeNull();
  });
});
