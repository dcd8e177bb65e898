import { expect, it } from "vitest";
import { nameFrom, namesFirst, namingField } from "./naming";

const called = (record: Record<string, string>) => nameFrom((field) => record[field] ?? "");

it("a record is called by its name, in one piece or in two, or by its subject", () => {
  expect(called({ name: "Acme", email: "info@acme.example" })).toBe("Acme");
  expect(called({ first_name: "Ada", last_name: "Lovelace", title: "Countess" })).toBe("Ada Lovelace");
  expect(called({ last_name: "Lovelace" })).toBe("Lovelace");
  expect(called({ subject: "The printer burns" })).toBe("The printer burns");
});

it("a record without a name is called by its address, and by nothing that is no name", () => {
  expect(called({ email: "ada@acme.example", title: "Countess" })).toBe("ada@acme.example");
  expect(called({ title: "Countess" })).toBeNull();
});

it("records are ordered by the field that names most of them", () => {
  expect(namingField(["account_id", "name", "email"])).toBe("name");
  expect(namingField(["first_name", "last_name", "email"])).toBe("last_name");
  expect(namingField(["cost", "region"])).toBeUndefined();
});

it("what people read comes before what refers to something else", () => {
  const fields = ["account_id", "stage", "owner_id", "amount"].map((name) => ({ name }));
  expect(namesFirst(fields).map(({ name }) => name)).toEqual(["stage", "amount", "account_id", "owner_id"]);
});
