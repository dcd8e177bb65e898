import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Said } from "./Said";

it("sets apart what stands between backticks, and shows no backtick", () => {
  render(<p>{<Said>{"`stage` of `opportunity` is not known"}</Said>}</p>);
  expect(screen.getByText(/is not known/)).toHaveTextContent("stage of opportunity is not known");
  expect(screen.getByText("stage").tagName).toBe("CODE");
});

it("leaves a lone backtick and plain words as they are", () => {
  render(<Said>{"a ` alone"}</Said>);
  expect(screen.getByText("a ` alone")).toBeInTheDocument();
});
