import { expect, it } from "vitest";
import { pageOf, partsOf } from "./parts";

const money = (...values: [number, string | null][]) =>
  partsOf({ money: true, values: values.map(([value, currency]) => ({ value, currency })) });

it("names the part that the large number is, and the others beside it", () => {
  expect(money([1200, "EUR"], [900, "USD"], [8_212_885.72, null])).toEqual({
    value: "1,200 EUR",
    part: "the part in EUR",
    others: ["900\u00a0USD", "8.2M without a currency"],
  });
});

it("shows an amount without a currency as no total of money", () => {
  expect(money([508, null])).toEqual({ value: "508", part: "the part without a currency", others: [] });
  expect(money([508, "USD"])).toEqual({ value: "508 USD", part: null, others: [] });
});

it("shows a large amount short, and tells it exactly", () => {
  expect(money([1715150.85, "USD"])).toEqual({ value: "1.7M USD", part: "exactly 1,715,150.85", others: [] });
  expect(money([1715150.85, "USD"], [1, null]).part).toBe("the part in USD, exactly 1,715,150.85");
});

it("counts without saying anything of currencies where it is no money", () => {
  expect(partsOf({ money: false, values: [{ value: 3 }] })).toEqual({ value: "3", part: null, others: [] });
  expect(partsOf({ money: true, values: [] })).toEqual({ value: null, part: null, others: [] });
});

it("leads from a number to the page that shows what it counts", () => {
  expect(pageOf("findings.stalled_deal")).toBe("/agents");
  expect(pageOf("tasks_failed")).toBe("/orchestration");
  expect(pageOf(null)).toBeUndefined();
});
