// What a program said, as the server wrote it behind the `#`: its query string in base64url, so that nothing on the way changes it.
import type { ProgramRequest } from "@/api/types";

const KNOWN = [
  "redirect_uri",
  "response_type",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "resource",
] as const;

/** Reads the request of a program; null where there is none. */
export function requestOf(hash: string): ProgramRequest | null {
  const query = decoded(hash.replace(/^#/, ""));
  const given = new URLSearchParams(query ?? "");
  const client_id = given.get("client_id");
  if (!client_id) return null;
  const request: ProgramRequest = { client_id };
  for (const name of KNOWN) {
    const value = given.get(name);
    if (value !== null) request[name] = value;
  }
  return request;
}

/** A request as parameters of an address, which have no null. */
export function parametersOf(request: ProgramRequest) {
  const given = KNOWN.flatMap((name) => {
    const value = request[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return {
    client_id: request.client_id,
    ...(Object.fromEntries(given) as Partial<Record<(typeof KNOWN)[number], string>>),
  };
}

function decoded(text: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return null;
  }
}
