// The typed HTTP client. `call` is the only way pages talk to the API: it returns the answer or throws an ApiProblem.
import createClient from "openapi-fetch";
import { patiently } from "./patience";
import { ApiProblem } from "./problem";
import type { paths } from "./schema";
import { session } from "./session";

/** Sends a request as whoever is logged in. A token that is refused is renewed once; when that does not help, the session is over. */
async function send(request: Request): Promise<Response> {
  const token = await session.fresh();
  if (!token) return patiently(request);
  const again = request.clone();
  request.headers.set("Authorization", `Bearer ${token}`);
  const response = await patiently(request);
  if (response.status !== 401) return response;
  const other = await session.instead(token);
  if (!other) {
    session.end();
    return response;
  }
  again.headers.set("Authorization", `Bearer ${other}`);
  return patiently(again);
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: send });

type Answer<T> = { data?: T; error?: unknown; response: Response };

export async function call<T>(request: Promise<Answer<T>>): Promise<T> {
  const answer = await request.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw ApiProblem.unreachable();
  });
  if (!answer.response.ok) throw ApiProblem.from(answer.response.status, answer.error);
  return answer.data as T;
}
