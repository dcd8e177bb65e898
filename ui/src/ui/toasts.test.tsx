import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/problem";
import { renderPart } from "@/test/render";
import { toast } from "./toasts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("what was done goes by itself; what went wrong stays with its next step until it is dismissed", () => {
  renderPart(null);
  act(() => {
    toast.done("It was saved.");
    toast.failed(new ApiProblem(409, { detail: "It is running.", next_step: "Wait for it." }));
  });
  expect(screen.getByText("It was saved.")).toBeInTheDocument();
  act(() => void vi.advanceTimersByTime(60_000));
  expect(screen.queryByText("It was saved.")).not.toBeInTheDocument();
  expect(screen.getByText("Wait for it.")).toBeInTheDocument();
  act(() => screen.getByRole("button", { name: "Dismiss" }).click());
  expect(screen.queryByText("It is running.")).not.toBeInTheDocument();
});
