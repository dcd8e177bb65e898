// An HTTP server for unit tests: each test says what each address answers and may look at what was asked.
import { vi } from "vitest";

type Answer = { status?: number; body: unknown; headers?: Record<string, string> };
type Handler = (request: Request) => Answer | Promise<Answer>;

export function serve(routes: Record<string, Handler>) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url);
    const name = `${request.method} ${url.pathname}`;
    asked.push(`${name}${url.search}`);
    const handler = routes[name];
    const answer = handler
      ? await handler(request)
      : { status: 404, body: { detail: `no route ${name}`, code: "route_not_found" } };
    return new Response(JSON.stringify(answer.body), {
      status: answer.status ?? 200,
      headers: { "content-type": "application/json", ...("headers" in answer ? answer.headers : {}) },
    });
  });
  return { asked };
}
