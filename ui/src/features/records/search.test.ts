import { describe, expect, it } from "vitest";
import { describeFilter, formatFilter, nextSort, parseFilter, parseRecordsSearch } from "./search";

describe("filters in the address", () => {
  it("come back as they were written, colons and all", () => {
    const filter = { field: "website", operator: "eq", value: "https://acme.example:8080" } as const;
    expect(parseFilter(formatFilter(filter))).toEqual(filter);
  });

  it("are dropped when they make no sense", () => {
    const search = parseRecordsSearch({ filter: ["stage:eq:Won", "stage:drop:x", ":eq:1", 7] });
    expect(search.filter).toEqual(["stage:eq:Won"]);
  });

  it("may be one or many, but not without end", () => {
    expect(parseRecordsSearch({ filter: "amount:gt:10" }).filter).toEqual(["amount:gt:10"]);
    const many = Array.from({ length: 30 }, (_, index) => `amount:gt:${index}`);
    expect(parseRecordsSearch({ filter: many }).filter).toHaveLength(10);
  });

  it("read like a sentence", () => {
    expect(describeFilter({ field: "amount", operator: "gte", value: "10" })).toBe("Amount is at least 10");
    expect(describeFilter({ field: "stage", operator: "is_null", value: "true" })).toBe("Stage is empty");
  });
});

it("a column turns from ascending to descending to unordered", () => {
  expect(nextSort(undefined, "amount")).toBe("amount");
  expect(nextSort("amount", "amount")).toBe("-amount");
  expect(nextSort("-amount", "amount")).toBeUndefined();
  expect(nextSort("-amount", "stage")).toBe("stage");
});
