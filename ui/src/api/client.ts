// The typed HTTP client. `call` is the only way pages talk to the API: it returns the answer or throws an ApiProblem.
import createClient, { type Middleware } from "openapi-fetch";
import { ApiProblem } from "./problem";
import type { paths } from "./schema";
import { session } from "./session";

const bearer: Middleware = {
  onRequest({ request }) {
    const token = session.token();
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
  onResponse({ request, response }) {
    // A refused login is an answer to the person; any other 401 means that the token is no longer good.
    if (response.status === 401 && request.headers.has("Authorization")) session.end();
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => fetch(request) });
api.use(bearer);

type Answer<T> = { data?: T; error?: unknown; response: Response };

export async function call<T>(request: Promise<Answer<T>>): Promise<T> {
  const answer = await request.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw ApiProblem.unreachable();
  });
  if (!answer.response.ok) throw ApiProblem.from(answer.response.status, answer.error);
  return answer.data as T;
}
