import { expect, it } from "vitest";
import { differenceOf } from "./difference";

const own = (left: string, right: string) => differenceOf(left, right).map((pieces) => pieces.own);

it("what only one of two texts says is found between what both begin and end with", () => {
  expect(differenceOf("ada@acme.example", "ada@globex.example")).toEqual([
    { head: "ada@", own: "acme", tail: ".example" },
    { head: "ada@", own: "globex", tail: ".example" },
  ]);
  expect(own("Berger", "Bergers")).toEqual(["", "s"]);
  expect(own("aaa", "aa")).toEqual(["a", ""]);
});

it("capitals make no difference, and texts without anything in common differ as a whole", () => {
  expect(own("GRETA Berger", "Greta Berger")).toEqual(["", ""]);
  expect(own("Anna", "Hugo")).toEqual(["Anna", "Hugo"]);
  expect(own("Office Manager", "Chief Executive Officer")).toEqual(["Office Manager", "Chief Executive Officer"]);
  expect(own("", "Hugo")).toEqual(["", "Hugo"]);
});

it("a letter with its accents and a picture of several signs stay whole", () => {
  expect(own("Jose\u0301", "Jose")).toEqual(["e\u0301", "e"]);
  expect(own("👩‍🚀", "👩‍🔬")).toEqual(["👩‍🚀", "👩‍🔬"]);
});
