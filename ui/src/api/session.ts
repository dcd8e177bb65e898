// Who is logged in: the access token, in memory only. A reload and another tab get theirs with the refresh token, which lives in a
// cookie that no script can read. Requests and pages live elsewhere.
import { useSyncExternalStore } from "react";
import type { Session, User } from "./types";

type Held = { token: string; user: User; expiresAt: number };

/** Says that this browser may hold a refresh token, so that strangers are not asked for one. */
const KNOWN = "aos.signed-in";
const LOCK = "aos.refresh";
/** Tells the other tabs of this browser that the person has gone. */
const CHANNEL = "aos.session";
const LEFT = "left";
/** A token is renewed so long before its end, so that none expires on its way. */
const EARLY_MS = 30_000;

const listeners = new Set<() => void>();
let current: Held | null = null;
/** Whose session the server ended, until somebody logs in again. */
let endedFor: User | null = null;
let renewing: Promise<string | null> | null = null;
let restored: Promise<void> | null = null;

const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
tabs?.addEventListener("message", ({ data }) => {
  if (data === LEFT) forget();
});

/** Forgets everything this tab knew about the person. */
function forget() {
  endedFor = null;
  localStorage.removeItem(KNOWN);
  sessionStorage.clear();
  set(null);
}

function set(next: Held | null) {
  current = next;
  for (const listener of listeners) listener();
}

function begin(granted: Session) {
  endedFor = null;
  localStorage.setItem(KNOWN, "yes");
  set({ token: granted.access_token, user: granted.user, expiresAt: Date.now() + granted.expires_in * 1000 });
}

/** Drops what the server no longer accepts. */
function end() {
  localStorage.removeItem(KNOWN);
  if (!current) return;
  endedFor = current.user;
  set(null);
}

/** Exchanges the cookie for a new access token; the browser keeps the next cookie. Null when the session is over. */
async function exchange(): Promise<string | null> {
  const headers = { "content-type": "application/json" };
  const url = `${window.location.origin}/api/v1/auth/refresh`;
  const response = await fetch(new Request(url, { method: "POST", headers, body: "{}" }));
  if (response.ok) {
    const granted = (await response.json()) as Session;
    begin(granted);
    return granted.access_token;
  }
  // A server that is away or overloaded ends nobody's session.
  if (response.status === 429 || response.status >= 500) return current?.token ?? null;
  end();
  return null;
}

/** Lets tabs take turns, because each refresh token is good once. Where the browser has no locks, the server bears with two at once. */
async function inTurn(): Promise<string | null> {
  if (!navigator.locks) return exchange();
  return await navigator.locks.request(LOCK, exchange);
}

/** Renews the token, once however many ask. */
function renew(): Promise<string | null> {
  if (renewing) return renewing;
  const work = inTurn()
    .catch(() => current?.token ?? null)
    .finally(() => {
      renewing = null;
    });
  renewing = work;
  return work;
}

export const session = {
  token: () => current?.token ?? null,
  user: () => current?.user ?? null,
  /** Says whether this browser may have a session from before. */
  isKnown: () => current !== null || localStorage.getItem(KNOWN) !== null,
  /** Says whether the last session ended on the server's word rather than by logging out. */
  hasEnded: () => endedFor !== null,
  begin,
  end,
  /** Returns a token that is good for a while, or null when nobody is logged in. */
  fresh(): Promise<string | null> {
    if (!current || current.expiresAt - Date.now() > EARLY_MS) return Promise.resolve(current?.token ?? null);
    return renew();
  },
  /** Returns another token than the one that was refused, or null when there is none. */
  async instead(refused: string): Promise<string | null> {
    const token = current && current.token !== refused ? current.token : await renew();
    return token === refused ? null : token;
  },
  /** Takes up, once per page, the session that the browser has from before. */
  restore(): Promise<void> {
    restored ??= !current && session.isKnown() ? renew().then(() => undefined) : Promise.resolve();
    return restored;
  },
  /** Expects to be logged in when the browser comes back from another provider. */
  expectReturn() {
    localStorage.setItem(KNOWN, "yes");
  },
  /** Forgets everything that this browser knew about the person, in every tab. */
  logout() {
    forget();
    tabs?.postMessage(LEFT);
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

export function useUser(): User | null {
  return useSyncExternalStore(session.subscribe, session.user);
}

/** Returns whose session the server ended, so that the same person can go on. */
export function useEndedFor(): User | null {
  return useSyncExternalStore(session.subscribe, () => endedFor);
}
