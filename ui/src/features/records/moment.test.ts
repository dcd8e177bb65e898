import { expect, it } from "vitest";
import { localMinute, momentOf } from "./moment";

it("a minute that was chosen comes back as it was chosen, wherever one is", () => {
  expect(localMinute(new Date(momentOf("2026-03-01T08:30") ?? ""))).toBe("2026-03-01T08:30");
});

it("what is no moment is none", () => {
  expect(momentOf("")).toBeUndefined();
  expect(localMinute(new Date("soon"))).toBe("");
});
