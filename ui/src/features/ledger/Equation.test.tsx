import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Balance, Equation } from "./Equation";

it("writes the law of the ledger with its numbers", () => {
  render(
    <Equation totals={{ read: 1200, landed: 1000, duplicate: 150, filtered: 40, rejected: 10, balanced: true }} />,
  );
  expect(document.body).toHaveTextContent("read1,200=landed1,000+duplicate150+filtered40+rejected10");
});

it("says in words whether a run balances", () => {
  const { rerender } = render(<Balance balanced />);
  expect(screen.getByText("balanced")).toBeInTheDocument();
  rerender(<Balance balanced={false} />);
  expect(screen.getByText("not balanced")).toBeInTheDocument();
});
