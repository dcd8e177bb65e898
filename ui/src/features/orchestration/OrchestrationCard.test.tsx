import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { AoaStatus } from "@/api/types";
import { serve } from "@/test/server";
import { task } from "@/test/tasks";
import { OrchestrationCard } from "./OrchestrationCard";

function open(part: Partial<AoaStatus>) {
  const status: AoaStatus = { active: null, last: null, prod_mode: true, aod_configured: false, agents: [], ...part };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <OrchestrationCard status={status} onOpen={() => undefined} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

describe("the orchestration", () => {
  it("lets nobody start a second job while one runs, and lets it be canceled", async () => {
    const canceled = vi.fn();
    serve({
      "DELETE /api/v1/tasks/t9": () => {
        canceled();
        return { status: 202, body: task({ id: "t9" }) };
      },
    });
    const user = open({ active: task({ id: "t9", kind: "connect", state: "in_progress" }) });
    for (const name of ["Connect all sources", "Leave production mode", "Reset"]) {
      expect(screen.getByRole("button", { name })).toBeDisabled();
    }
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(canceled).toHaveBeenCalledOnce();
  });

  it("clears what was derived only when asked twice", async () => {
    const reset = vi.fn();
    serve({
      "POST /api/v1/aoa/reset": () => {
        reset();
        return { status: 202, body: task({ kind: "reset" }) };
      },
    });
    const user = open({});
    await user.click(screen.getByRole("button", { name: "Reset" }));
    expect(reset).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Yes, clear what was derived" }));
    expect(reset).toHaveBeenCalledOnce();
  });

  it("tells why a job was refused", async () => {
    serve({
      "POST /api/v1/aoa/run": () => ({
        status: 409,
        body: { detail: "A job runs.", code: "aoa_busy", next_step: "Wait for it." },
      }),
    });
    const user = open({});
    await user.click(screen.getByRole("button", { name: "Connect all sources" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("A job runs.Wait for it.");
  });

  it("says that no discovery service is configured", () => {
    open({});
    expect(screen.getByText(/No discovery service/)).toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "Ask the discovery service" })).toBeNull();
  });
});
