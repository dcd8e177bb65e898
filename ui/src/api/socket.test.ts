import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve } from "@/test/server";
import { backoffMs, live } from "./socket";

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  close() {
    this.onclose?.();
  }
}

const lastSocket = () => FakeSocket.all.at(-1) as FakeSocket;
const opened = (count: number) => vi.waitFor(() => expect(FakeSocket.all).toHaveLength(count));

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  let tickets = 0;
  serve({
    "POST /api/v1/auth/ws-ticket": () => {
      tickets += 1;
      return { body: { ticket: `ticket-${tickets}`, expires_in: 30 } };
    },
  });
});

afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

describe("the live connection", () => {
  it("opens with a ticket and says that it is live", async () => {
    live.start();
    await opened(1);
    expect(lastSocket().url).toContain("/api/v1/dcl/ws?ticket=ticket-1");
    lastSocket().onopen?.();
    expect(live.readStatus()).toBe("live");
  });

  it("comes back with a fresh ticket after a loss, and tells listeners to catch up", async () => {
    const caughtUp = vi.fn();
    const stop = live.onOpen(caughtUp);
    live.start();
    await opened(1);
    lastSocket().onopen?.();
    lastSocket().onmessage?.({ data: '{"type":"narration","id":"41","at":"","data":{"run_id":"r"}}' });
    lastSocket().onclose?.();
    expect(live.readStatus()).toBe("reconnecting");
    await opened(2);
    expect(lastSocket().url).toContain("after=41");
    expect(lastSocket().url).toContain("ticket=ticket-2");
    lastSocket().onopen?.();
    expect(live.readStatus()).toBe("live");
    expect(caughtUp).toHaveBeenCalledTimes(2);
    stop();
  });

  it("hands on messages and ignores noise", async () => {
    const received = vi.fn();
    const stop = live.onMessage(received);
    live.start();
    await opened(1);
    lastSocket().onmessage?.({ data: "not json" });
    lastSocket().onmessage?.({ data: '{"type":"narration"}' });
    lastSocket().onmessage?.({ data: '{"type":"narration","id":"1","at":"","data":{"run_id":"r"}}' });
    expect(received).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: "1" }));
    stop();
  });

  it("does not come back after it was stopped", async () => {
    live.start();
    await opened(1);
    live.stop();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(FakeSocket.all).toHaveLength(1);
  });
});

it("waits longer after each failure, but never for ever", () => {
  const waits = [1, 2, 3, 4, 5, 6, 20].map((failures) => backoffMs(failures, () => 1));
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  expect(backoffMs(1, () => 0)).toBe(250);
});
