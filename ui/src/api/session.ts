// Who is logged in: the token in memory, mirrored in sessionStorage so that a reload keeps it and a closed tab does not.
// Requests and pages live elsewhere.
import { useSyncExternalStore } from "react";
import type { Session, User } from "./types";

type StoredSession = { token: string; user: User };

const KEY = "aos.session";
const listeners = new Set<() => void>();
let current: StoredSession | null = restore();
let ended = false;

function restore(): StoredSession | null {
  try {
    const text = sessionStorage.getItem(KEY);
    const stored = text ? (JSON.parse(text) as StoredSession) : null;
    return stored?.token && stored.user ? stored : null;
  } catch {
    return null;
  }
}

function set(next: StoredSession | null) {
  current = next;
  if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

export const session = {
  token: () => current?.token ?? null,
  user: () => current?.user ?? null,
  /** Says whether the last session ended on the server's word rather than by logging out. */
  hasEnded: () => ended,
  begin(granted: Session) {
    ended = false;
    set({ token: granted.access_token, user: granted.user });
  },
  /** Drops a token that the server no longer accepts. */
  end() {
    if (!current) return;
    ended = true;
    set(null);
  },
  /** Forgets everything this tab knew about the person. */
  logout() {
    ended = false;
    sessionStorage.clear();
    set(null);
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
