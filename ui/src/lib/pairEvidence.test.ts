import { expect, it } from "vitest";
import { fieldsOf } from "./pairEvidence";

it("lists what fields say, the loudest first, and leaves out those that say nothing", () => {
  const fields = [
    { field: "name", left: "Ann", right: "Anne", level: "close", bits: 2.5 },
    { field: "email", left: "a@b.c", right: "x@y.z", level: "else", bits: -6 },
    { field: "phone", left: null, right: "1", level: null, bits: 0 },
  ];
  expect(fieldsOf({ fields }).map(({ name, bits }) => [name, bits])).toEqual([
    ["email", -6],
    ["name", 2.5],
  ]);
});

it("bears with an explanation that is none", () => {
  expect(fieldsOf(null)).toEqual([]);
  expect(fieldsOf({ fields: "many" })).toEqual([]);
});
