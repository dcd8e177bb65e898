import { expect, it } from "vitest";
import { arrange, type Order, turned } from "./rows";

const rows = [
  { name: "b", count: 10 as number | null },
  { name: "a", count: null },
  { name: "c", count: 9 },
];
const words = (row: { name: string }) => `${row.name} of the Sales team`;
const wish = { filter: "", descending: false };
const names = (list: { name: string }[]) => list.map((row) => row.name).join("");

it("keeps the order in which rows came until one is asked for", () => {
  expect(names(arrange(rows, wish))).toBe("bac");
});

it("orders numbers as numbers, and puts what has none last either way", () => {
  const value = (row: { count: number | null }) => row.count;
  expect(names(arrange(rows, { ...wish, value }))).toBe("cba");
  expect(names(arrange(rows, { ...wish, value, descending: true }))).toBe("bca");
});

it("keeps rows that contain every word of the filter, whatever their case", () => {
  expect(names(arrange(rows, { ...wish, words, filter: "SALES  c" }))).toBe("c");
  expect(arrange(rows, { ...wish, words, filter: "sales d" })).toEqual([]);
});

it("leaves the rows it was given as they were", () => {
  arrange(rows, { ...wish, value: (row) => row.name });
  expect(names(rows)).toBe("bac");
});

it("a heading orders up, then down, then not at all", () => {
  const presses: (Order | null)[] = [null];
  for (let press = 0; press < 3; press += 1) presses.push(turned(presses.at(-1) ?? null, "name"));
  expect(presses.map((order) => order?.descending ?? null)).toEqual([null, false, true, null]);
  expect(turned({ column: "other", descending: true }, "name")).toEqual({ column: "name", descending: false });
});
