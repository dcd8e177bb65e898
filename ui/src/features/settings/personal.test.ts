import { expect, it } from "vitest";
import { personalFields, piecesOf } from "./personal";

it("marks what was found sign by sign, also behind pictures and in other scripts", () => {
  const text = "🚀 شركة: ann@x.example, and bob@x.example";
  const signs = [...text];
  const at = (part: string, type: string) => {
    const start = [...text.slice(0, text.indexOf(part))].length;
    return { start, end: start + part.length, type };
  };
  const pieces = piecesOf(text, [at("bob@x.example", "email"), at("ann@x.example", "email")]);
  expect(pieces.filter(({ found }) => found).map((piece) => piece.text)).toEqual(["ann@x.example", "bob@x.example"]);
  expect(pieces.map((piece) => piece.text).join("")).toBe(signs.join(""));
});

it("marks one of two that overlap, and loses nothing of the text", () => {
  const pieces = piecesOf("0123456789", [
    { start: 2, end: 6, type: "phone" },
    { start: 4, end: 8, type: "iban" },
  ]);
  expect(pieces).toEqual([
    { text: "01", found: null, at: 0 },
    { text: "2345", found: "phone", at: 2 },
    { text: "6789", found: null, at: 6 },
  ]);
});

it("lists the fields that hold personal data with the mask that stands in their place", () => {
  const field = (name: string, pii: string | null) => ({ name, pii, description: "", required: false, type: "string" });
  const entity = {
    name: "contact",
    label: "Contact",
    description: "",
    key: "id",
    records: 0,
    source_mappings: [],
    fields: [field("id", null), field("email", "email")],
  };
  expect(personalFields([entity])).toEqual([{ name: "contact.email", holds: "email", mask: "[masked:email]" }]);
});
