import { expect, it } from "vitest";
import { text } from "@/text/help";
import { findQuestions } from "./HelpPage";

it("finds a question by words of its answer, whatever their case", () => {
  const found = findQuestions(text.topics, "NDJSON parquet").flatMap((topic) => topic.questions);
  expect(found.map(({ q }) => q)).toEqual(["Which files are read?"]);
});

it("shows all of them at first, and no empty topic ever", () => {
  expect(findQuestions(text.topics, "")).toEqual(text.topics);
  expect(findQuestions(text.topics, "no such word anywhere")).toEqual([]);
});
