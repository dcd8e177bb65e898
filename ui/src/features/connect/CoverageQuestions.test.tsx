import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { serve } from "@/test/server";
import { CoverageQuestions } from "./CoverageQuestions";
import { MemoryCard } from "./MemoryCard";

const check = {
  id: "c1",
  source: "erp",
  fields: 10,
  covered: 8,
  uncertain: 2,
  recommendation: "skip",
  estimated_calls: 1,
  estimated_tokens: 1200,
  estimated_micros: 3000,
};

const allowed = (allowed: boolean) => ({
  body: { decisions: [{ action: "orchestration:run", allowed }] },
});

function open(children: React.ReactNode) {
  render(<QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>);
  return userEvent.setup();
}

it("asks whether the model is asked and sends what was chosen", async () => {
  const sent = vi.fn();
  serve({
    "GET /api/v1/dcl/memory/checks": () => ({ body: { items: [check], next_cursor: null } }),
    "GET /api/v1/auth/explain": () => allowed(true),
    "POST /api/v1/dcl/memory/checks/c1": async (request) => {
      sent(await request.json());
      return { body: {} };
    },
  });
  const user = open(<CoverageQuestions running />);
  expect(await screen.findByText(/8 of 10 columns are known/)).toBeInTheDocument();
  expect(screen.getByText("About 1 call and 1,200 tokens, less than $0.01.")).toBeInTheDocument();
  await user.click(await screen.findByRole("button", { name: "Ask the model" }));
  expect(sent).toHaveBeenCalledWith({ choice: "proceed" });
});

it("offers no choice to whoever may only look, and asks nothing while nothing runs", async () => {
  const { asked } = serve({
    "GET /api/v1/dcl/memory/checks": () => ({ body: { items: [check], next_cursor: null } }),
    "GET /api/v1/auth/explain": () => allowed(false),
  });
  open(<CoverageQuestions running />);
  expect(await screen.findByText("If nobody chooses in time, the model is not asked.")).toBeInTheDocument();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
  const before = asked.length;
  open(<CoverageQuestions running={false} />);
  expect(asked.length).toBe(before);
});

it("shows how right mappings were and says where nobody has looked", async () => {
  const none = { decided: 0, confirmed: 0, corrected: 0, precision: null };
  serve({
    "GET /api/v1/dcl/memory/accuracy": () => ({
      body: {
        without_model: { decided: 12, confirmed: 3, corrected: 1, precision: 0.75 },
        with_model: none,
        with_memory: none,
        calls: 2,
        calls_saved: 1,
        tokens: 1800,
        micros: null,
        runs: 3,
      },
    }),
  });
  open(<MemoryCard />);
  expect(await screen.findByText("75 %")).toBeInTheDocument();
  expect(screen.getAllByText("not looked at")).toHaveLength(2);
  expect(screen.getByText("2 calls, 1,800 tokens, cost not known; 1 call not needed.")).toBeInTheDocument();
});
