import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Schedule } from "@/api/types";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { SchedulesCard } from "./SchedulesCard";

const schedule: Schedule = {
  id: "s1",
  name: "Nightly",
  cron: "0 3 * * *",
  time_zone: "UTC",
  task: { kind: "connect", payload: {}, priority: 5, max_retries: 0, timeout_seconds: null, callback_url: null },
  enabled: true,
  created_by: "user:1",
  next_at: "2026-11-23T03:00:00Z",
  last_at: null,
  last_task_id: null,
  last_error: null,
  created_at: "2026-11-22T03:00:00Z",
};

function open(items: Schedule[], runs = true) {
  const sent = vi.fn();
  const take = (name: string) => async (request: Request) => {
    sent(name, request.method === "DELETE" ? null : await request.json());
    return { body: schedule };
  };
  serve({
    "GET /api/v1/auth/explain": () => ({
      body: { decisions: [{ action: "tasks:run", allowed: runs, decided_by: "role", reason: "" }] },
    }),
    "GET /api/v1/tasks/schedules": () => ({ body: { items, next_cursor: null } }),
    "GET /api/v1/connections": () => ({ body: { items: [], next_cursor: null } }),
    "POST /api/v1/tasks/schedules": take("add"),
    "PUT /api/v1/tasks/schedules/s1": take("put"),
    "DELETE /api/v1/tasks/schedules/s1": take("remove"),
  });
  return { user: renderPart(<SchedulesCard onOpen={() => undefined} />), sent };
}

it("adds a schedule by a form", async () => {
  const { user, sent } = open([]);
  await user.click(await screen.findByRole("button", { name: "Add a schedule" }));
  await user.type(screen.getByRole("textbox", { name: "Name" }), "Mondays");
  await user.selectOptions(screen.getByRole("combobox", { name: "How often" }), "weekly");
  const zone = screen.getByRole("textbox", { name: "Time zone" });
  await user.clear(zone);
  await user.type(zone, "Europe/Berlin");
  await user.click(screen.getByRole("button", { name: "Add it" }));
  expect(sent).toHaveBeenCalledExactlyOnceWith("add", {
    name: "Mondays",
    cron: "0 3 * * 1",
    time_zone: "Europe/Berlin",
    enabled: true,
    task: { kind: "connect", payload: {} },
  });
  expect(await screen.findByText("Mondays is scheduled.")).toBeInTheDocument();
});

it("switches a schedule off and removes it, which asks first", async () => {
  const { user, sent } = open([schedule]);
  await user.click(await screen.findByRole("switch", { name: "Nightly is switched on" }));
  expect(sent).toHaveBeenLastCalledWith("put", expect.objectContaining({ enabled: false, task: schedule.task }));
  await user.click(screen.getByRole("button", { name: "Remove Nightly" }));
  expect(sent).toHaveBeenCalledOnce();
  await user.click(screen.getByRole("button", { name: "Remove" }));
  expect(sent).toHaveBeenLastCalledWith("remove", null);
});

it("offers whoever may run no task nothing to change", async () => {
  open([schedule], false);
  expect(await screen.findByText("Nightly")).toBeInTheDocument();
  expect(screen.queryByRole("switch")).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Add a schedule" })).not.toBeInTheDocument();
});
