import { expect, it } from "vitest";
import { pairOf } from "./pair";
import { titleOf } from "./titleOf";

const field = (field: string, left: string | null, right: string | null, level: string | null, bits: number) => ({
  field,
  left,
  right,
  level,
  bits,
});
const payload = {
  entity: "contact",
  left: { source: "salesforce", record_id: "003A" },
  right: { source: "hubspot", record_id: "512" },
  evidence: {
    fields: [
      field("phone", "1", "2", "different", -3),
      field("email", "ada@acme.example", "ada@acme.example", "equal", 9.1),
      field("first_name", "Ada", null, null, 0),
      field("last_name", "Lovelace", "Lovelace", "equal", 5),
      field("name", null, "A. Lovelace", null, 0),
      field("city", null, null, null, 0),
    ],
  },
};
const item = { kind: "entity_pair", title: "Are 003A of salesforce and 512 of hubspot the same contact?", payload };

it("two records are called by their names and not by their ids", () => {
  expect(titleOf(item)).toBe("Is Ada Lovelace the same contact as A. Lovelace?");
});

it("two records of one name are told apart by where they are, and of records without names the server's title stands", () => {
  const twins = { ...payload, evidence: { fields: [field("name", "Acme", "Acme", "equal", 6)] } };
  expect(titleOf({ ...item, payload: { ...twins, entity: "aws_resource" } })).toBe(
    "Is Acme the same aws resource in salesforce and in hubspot?",
  );
  const one = { ...twins, right: { source: "salesforce", record_id: "003B" } };
  expect(titleOf({ ...item, payload: one })).toBe("Is Acme, twice in salesforce, the same contact?");
  expect(titleOf({ ...item, payload: "hidden" as never })).toBe(item.title);
  expect(titleOf({ ...item, kind: "drift" })).toBe(item.title);
});

it("what was compared is ordered by how loudly it speaks, and a field without values says nothing", () => {
  expect(pairOf(payload).fields.map((known) => known.name)).toEqual([
    "email",
    "last_name",
    "phone",
    "first_name",
    "name",
  ]);
});

it("a payload that is hidden or broken reads as a pair of nothing", () => {
  for (const broken of [null, "hidden", { evidence: { fields: "many" } }, { evidence: { fields: [7, null] } }]) {
    expect(pairOf(broken)).toMatchObject({ entity: "", fields: [], left: { called: "" } });
  }
});
