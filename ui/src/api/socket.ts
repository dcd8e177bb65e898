// The live connection: one WebSocket per tab, opened with a one-use ticket, reopened with backoff.
// It hands messages on; what they mean is decided by those who listen.
import { useSyncExternalStore } from "react";
import { api, call } from "./client";
import type { LiveMessage } from "./types";

export type LiveStatus = "connecting" | "live" | "reconnecting" | "offline";

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15_000;
const OFFLINE_AFTER_FAILURES = 4;

/** Returns how long to wait before the next try; grows twofold, is capped, and is spread so that tabs do not rush in together. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.max(0, failures - 1));
  return ceiling * (0.5 + random() / 2);
}

class LiveSocket {
  private status: LiveStatus = "connecting";
  private readonly statusListeners = new Set<() => void>();
  private readonly messageListeners = new Set<(message: LiveMessage) => void>();
  private readonly openListeners = new Set<() => void>();
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private generation = 0;
  /** The last event seen, so that a new connection goes on from there. */
  private lastId: string | null = null;

  start() {
    this.stop();
    window.addEventListener("online", this.retryNow);
    this.setStatus("connecting");
    void this.open(this.generation);
  }

  stop() {
    this.generation += 1;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.retryNow);
    this.socket?.close();
    this.socket = null;
    this.failures = 0;
    this.lastId = null;
  }

  readonly retryNow = () => {
    if (this.status === "live" || this.status === "connecting") return;
    clearTimeout(this.timer);
    void this.open(this.generation);
  };

  onMessage(listener: (message: LiveMessage) => void) {
    this.messageListeners.add(listener);
    return () => {
      this.messageListeners.delete(listener);
    };
  }

  /** Calls back each time the line is up again, because messages sent meanwhile were missed. */
  onOpen(listener: () => void) {
    this.openListeners.add(listener);
    return () => {
      this.openListeners.delete(listener);
    };
  }

  readonly subscribeStatus = (listener: () => void) => {
    this.statusListeners.add(listener);
    return () => {
      this.statusListeners.delete(listener);
    };
  };

  readonly readStatus = () => this.status;

  private async open(generation: number) {
    try {
      const { ticket } = await call(api.POST("/api/v1/auth/ws-ticket"));
      if (generation !== this.generation) return;
      this.attach(new WebSocket(socketUrl(ticket, this.lastId)), generation);
    } catch {
      if (generation === this.generation) this.failed(generation);
    }
  }

  private attach(socket: WebSocket, generation: number) {
    this.socket = socket;
    socket.onopen = () => {
      if (generation !== this.generation) return;
      this.failures = 0;
      this.setStatus("live");
      for (const listener of this.openListeners) listener();
    };
    socket.onmessage = (event) => {
      const message = parseMessage(event.data);
      if (!message || generation !== this.generation) return;
      this.lastId = message.id ?? this.lastId;
      for (const listener of this.messageListeners) listener(message);
    };
    socket.onclose = () => {
      if (generation === this.generation) this.failed(generation);
    };
  }

  private failed(generation: number) {
    this.failures += 1;
    this.setStatus(this.failures >= OFFLINE_AFTER_FAILURES || !navigator.onLine ? "offline" : "reconnecting");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.open(generation), backoffMs(this.failures));
  }

  private setStatus(status: LiveStatus) {
    if (this.status === status) return;
    this.status = status;
    for (const listener of this.statusListeners) listener();
  }
}

function socketUrl(ticket: string, after: string | null): string {
  const url = new URL("/api/v1/dcl/ws", window.location.origin);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", ticket);
  if (after !== null) url.searchParams.set("after", after);
  return url.toString();
}

function parseMessage(text: unknown): LiveMessage | null {
  try {
    const message = JSON.parse(String(text)) as LiveMessage;
    return typeof message.type === "string" && message.data ? message : null;
  } catch {
    return null;
  }
}

export const live = new LiveSocket();

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(live.subscribeStatus, live.readStatus);
}

/** Returns how often to ask for what is told live: only while the line is away. */
export function useAskWhileAway(everyMs: number): number | false {
  return useLiveStatus() === "live" ? false : everyMs;
}
