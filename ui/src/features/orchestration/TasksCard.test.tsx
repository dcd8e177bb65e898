import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { live } from "@/api/socket";
import { serve } from "@/test/server";
import { task } from "@/test/tasks";
import { TasksCard } from "./TasksCard";

function open(filters: { state?: string; kind?: string } = {}) {
  const [onFilter, onOpen] = [vi.fn(), vi.fn()];
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TasksCard filters={filters} onFilter={onFilter} onOpen={onOpen} />
    </QueryClientProvider>,
  );
  return { user: userEvent.setup(), onFilter, onOpen };
}

describe("the list of tasks", () => {
  it("shows how each task stands, and opens one", async () => {
    serve({
      "GET /api/v1/tasks": () => ({
        body: {
          items: [
            task({
              id: "t2",
              kind: "connect",
              state: "in_progress",
              finished_at: null,
              progress: { fraction: 0.25, message: "crm" },
            }),
            task({ id: "t1", state: "failed", attempts: 3, max_retries: 2, error: "nobody answers" }),
          ],
          next_cursor: null,
        },
      }),
    });
    const { user, onOpen } = open();
    const running = (await screen.findByRole("button", { name: "Connect sources" })).closest("tr") as HTMLElement;
    expect(within(running).getByText("in progress")).toBeInTheDocument();
    expect(within(running).getByRole("progressbar")).toHaveAttribute("aria-valuenow", "25");
    const failed = screen.getByText("nobody answers").closest("tr") as HTMLElement;
    expect(failed).toHaveTextContent("3 of 3");
    expect(failed).toHaveTextContent("2.0 s");
    await user.click(screen.getByRole("button", { name: "Connect sources" }));
    expect(onOpen).toHaveBeenCalledWith("t2");
  });

  it("asks for what the filters name, and runs dead letters again", async () => {
    const sent = vi.fn();
    const { asked } = serve({
      "GET /api/v1/tasks": () => ({ body: { items: [task({ state: "failed" })], next_cursor: null } }),
      "POST /api/v1/tasks/replay": async (request) => {
        sent(await request.json());
        return { status: 202, body: { ids: ["t1"], more: false } };
      },
    });
    const { user, onFilter } = open({ state: "failed", kind: "slack" });
    await user.click(await screen.findByRole("button", { name: "Run all failed ones again" }));
    expect(sent).toHaveBeenCalledWith({ kind: ["slack"] });
    expect(asked[0]).toContain("state=failed");
    expect(asked[0]).toContain("kind=slack");
    await user.selectOptions(screen.getByRole("combobox", { name: "State" }), "queued");
    expect(onFilter).toHaveBeenCalledWith({ state: "queued", kind: "slack" });
  });

  it("is read once and not again and again while the live line tells what changes", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.spyOn(live, "readStatus").mockReturnValue("live");
    const { asked } = serve({ "GET /api/v1/tasks": () => ({ body: { items: [task({})], next_cursor: null } }) });
    open();
    await screen.findByRole("button", { name: "Do nothing, for a probe" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    vi.useRealTimers();
  });

  it("says what is listed here when nothing is, and what went wrong when it cannot be read", async () => {
    serve({ "GET /api/v1/tasks": () => ({ body: { items: [], next_cursor: null } }) });
    open();
    expect(await screen.findByText("No task yet")).toBeInTheDocument();
  });
});
