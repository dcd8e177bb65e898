import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { live } from "@/api/socket";
import type { LiveMessage } from "@/api/types";
import { useLiveUpdates } from "./useLiveUpdates";

let tell: (message: LiveMessage) => void = () => {};
const client = new QueryClient();
let invalidated = vi.spyOn(client, "invalidateQueries");

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(live, "start").mockImplementation(() => {});
  vi.spyOn(live, "onMessage").mockImplementation((listener) => {
    tell = listener;
    return () => true;
  });
  invalidated = vi.spyOn(client, "invalidateQueries");
  renderHook(useLiveUpdates, {
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    ),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const message = (type: string, at: number) =>
  ({ type, id: String(at), at: "2026-01-01T00:00:00Z", data: { tasks: [], more: 0 } }) as unknown as LiveMessage;
const keys = () => invalidated.mock.calls.map(([filters]) => filters?.queryKey?.join("/"));

it("a thousand messages in a moment ask for what they changed once", () => {
  act(() => {
    for (let at = 0; at < 1000; at += 1) tell(message(at % 2 === 0 ? "journaled" : "task_changed", at));
  });
  expect(keys()).toEqual([]);
  act(() => void vi.advanceTimersByTime(500));
  expect(keys().sort()).toEqual([
    "agents",
    "aoa",
    "assets",
    "connect-run",
    "connections",
    "drift",
    "golden",
    "knowledge",
    "ledger",
    "models",
    "reviews",
    "tasks",
  ]);
});

it("a line that missed messages asks for everything again", () => {
  act(() => tell(message("lagged", 1)));
  act(() => void vi.advanceTimersByTime(500));
  expect(keys()).toEqual(expect.arrayContaining(["dcl", "tasks", "drift", "intents", "connections"]));
});
