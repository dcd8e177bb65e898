import { expect, it } from "vitest";
import { happenings } from "./happenings";

const name = (record_id: string) => ({ source: "crm", record_id });

it("tells changes and rulings in one order, the latest first", () => {
  const told = happenings({
    history: [
      { at: "2026-03-02T00:00:00Z", what: "took", thing: "b" },
      { at: "2026-03-01T00:00:00Z", what: "made", thing: null },
    ],
    rulings: [
      {
        id: "r",
        left: name("1"),
        right: name("2"),
        verdict: "same",
        reason: null,
        ruled_by: "user:x",
        ruled_at: "2026-03-01T12:00:00Z",
        undone_at: null,
        undone_by: null,
      },
    ],
  });
  expect(told.map((one) => (one.kind === "ruling" ? one.ruling.verdict : one.what))).toEqual(["took", "same", "made"]);
});
