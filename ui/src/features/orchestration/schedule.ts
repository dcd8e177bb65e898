// What a new schedule sends: its rhythm as cron writes it, and the task that the clock starts. Pure.
import type { NewSchedule, Schedule } from "@/api/types";

export const RHYTHMS = ["hourly", "daily", "weekdays", "weekly", "custom"] as const;
export const DOINGS = ["connect", "sync", "unify", "finops_pilot", "revops_pilot"] as const;

export type Wish = {
  name: string;
  doing: (typeof DOINGS)[number];
  /** Of a schedule that reads one connection. */
  connection: string;
  rhythm: (typeof RHYTHMS)[number];
  /** As `HH:MM`; hourly ones take its minutes. */
  time: string;
  /** 0 is Sunday. */
  day: number;
  cron: string;
  zone: string;
};

export function scheduleOf(wish: Wish): NewSchedule {
  return { name: wish.name.trim(), cron: cronOf(wish), time_zone: wish.zone.trim(), enabled: true, task: taskOf(wish) };
}

export function cronOf({ rhythm, time, day, cron }: Pick<Wish, "rhythm" | "time" | "day" | "cron">): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  switch (rhythm) {
    case "hourly":
      return `${minute} * * * *`;
    case "daily":
      return `${minute} ${hour} * * *`;
    case "weekdays":
      return `${minute} ${hour} * * 1-5`;
    case "weekly":
      return `${minute} ${hour} * * ${day}`;
    case "custom":
      return cron.trim();
  }
}

function taskOf({ doing, connection }: Wish): NewSchedule["task"] {
  switch (doing) {
    case "connect":
    case "unify":
      return { kind: doing, payload: {} };
    case "sync":
      return { kind: "sync", payload: { connection } };
    default:
      return { kind: "run_agent", payload: { agent: doing } };
  }
}

/** The same schedule, switched on or off. */
export function switched({ name, cron, time_zone, task }: Schedule, enabled: boolean): NewSchedule {
  return { name, cron, time_zone, task, enabled };
}
