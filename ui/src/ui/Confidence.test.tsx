import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Confidence, confidenceBand } from "./Confidence";

it.each([
  [1, "high"],
  [0.9, "high"],
  [0.8999, "medium"],
  [0.7, "medium"],
  [0.6999, "low"],
  [0, "low"],
])("a confidence of %f is %s", (value, band) => {
  expect(confidenceBand(value)).toBe(band);
});

it("shows number and word, not only a colour", () => {
  render(<Confidence value={0.83} />);
  expect(screen.getByText("0.83").parentElement).toHaveTextContent("0.83 medium");
});
