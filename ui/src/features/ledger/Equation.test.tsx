import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Balance, Equation } from "./Equation";

it("writes the law of the ledger with its numbers", () => {
  render(
    <Equation totals={{ read: 1200, landed: 1000, duplicate: 150, filtered: 40, rejected: 10, balanced: true }} />,
  );
  const terms = [...document.querySelectorAll("dl > div")].map(
    (term) =>
      `${term.getAttribute("data-sign")} ${term.querySelector("dd")?.textContent} ${term.querySelector("dt")?.textContent}`,
  );
  expect(terms.join(" ").trim()).toBe("1,200 read = 1,000 landed + 150 duplicate + 40 filtered + 10 rejected");
});

it("says in words whether a run balances", () => {
  const { rerender } = render(<Balance balanced />);
  expect(screen.getByText("balanced")).toBeInTheDocument();
  rerender(<Balance balanced={false} />);
  expect(screen.getByText("not balanced")).toBeInTheDocument();
});
