import { expect, it } from "vitest";
import { cronOf, scheduleOf, switched, type Wish } from "./schedule";

const wish: Wish = {
  name: " Nightly ",
  doing: "connect",
  connection: "crm",
  rhythm: "daily",
  time: "03:05",
  day: 1,
  cron: "*/5 * * * *",
  zone: "Europe/Berlin",
};

it("writes each rhythm as cron does", () => {
  const cron = (rhythm: Wish["rhythm"]) => cronOf({ ...wish, rhythm });
  expect([cron("hourly"), cron("daily"), cron("weekdays"), cron("weekly"), cron("custom")]).toEqual([
    "5 * * * *",
    "5 3 * * *",
    "5 3 * * 1-5",
    "5 3 * * 1",
    "*/5 * * * *",
  ]);
});

it("sends what the clock is to start", () => {
  expect(scheduleOf(wish)).toEqual({
    name: "Nightly",
    cron: "5 3 * * *",
    time_zone: "Europe/Berlin",
    enabled: true,
    task: { kind: "connect", payload: {} },
  });
  expect(scheduleOf({ ...wish, doing: "sync" }).task).toEqual({ kind: "sync", payload: { connection: "crm" } });
  expect(scheduleOf({ ...wish, doing: "finops_pilot" }).task).toEqual({
    kind: "run_agent",
    payload: { agent: "finops_pilot" },
  });
});

it("switches a schedule and keeps all else", () => {
  const task = { kind: "connect", payload: {}, priority: 5, max_retries: 0, timeout_seconds: null, callback_url: null };
  const schedule = { name: "Nightly", cron: "5 3 * * *", time_zone: "UTC", task, enabled: true } as never;
  expect(switched(schedule, false)).toEqual({
    name: "Nightly",
    cron: "5 3 * * *",
    time_zone: "UTC",
    task,
    enabled: false,
  });
});
