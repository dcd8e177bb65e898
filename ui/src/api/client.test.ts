import { describe, expect, it, vi } from "vitest";
import { serve } from "@/test/server";
import { api, call } from "./client";
import { ApiProblem } from "./problem";
import { session } from "./session";

const user = { id: "u", email: "a@b.c", name: "A", tenant_id: "t", role: "owner", created_at: "" } as const;
const logIn = () => session.begin({ user, access_token: "secret", token_type: "bearer", expires_in: 900 });
const health = () => call(api.GET("/api/v1/health"));
const me = () => call(api.GET("/api/v1/auth/me"));

describe("a request", () => {
  it("carries the token of the session", async () => {
    logIn();
    const seen = vi.fn();
    serve({
      "GET /api/v1/auth/me": (request) => {
        seen(request.headers.get("authorization"));
        return { body: {} };
      },
    });
    await me();
    expect(seen).toHaveBeenCalledWith("Bearer secret");
  });

  it("that is refused tells what went wrong and the next step", async () => {
    serve({
      "GET /api/v1/health": () => ({
        status: 503,
        body: {
          title: "Starting",
          detail: "The store is opening.",
          code: "not_ready",
          next_step: "Wait.",
          trace_id: "t1",
        },
      }),
    });
    await expect(health()).rejects.toMatchObject({
      message: "The store is opening.",
      code: "not_ready",
      nextStep: "Wait.",
      traceId: "t1",
      status: 503,
    });
  });

  it("that gets no answer says so", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    const problem = await health().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({ code: "unreachable", status: 0 });
  });

  it("that answers with something other than a problem still reads as one", async () => {
    serve({ "GET /api/v1/health": () => ({ status: 502, body: "Bad gateway" }) });
    await expect(health()).rejects.toThrow("The server answered with status 502.");
  });
});

describe("a request that a busy server puts off", () => {
  const later = (seconds: string) => ({
    status: 429,
    body: { code: "rate_limited" },
    headers: { "Retry-After": seconds },
  });

  it("is sent again, whatever it does, with what was in it", async () => {
    const bodies: string[] = [];
    const { asked } = serve({
      "POST /api/v1/auth/login": async (request) => {
        bodies.push(await request.text());
        return bodies.length < 3 ? later("0") : { body: { fine: true } };
      },
    });
    await call(api.POST("/api/v1/auth/login", { body: { email: "a@b.c", password: "p" } }));
    expect(asked).toHaveLength(3);
    expect(new Set(bodies)).toEqual(new Set([JSON.stringify({ email: "a@b.c", password: "p" })]));
  });

  it("is given up after some tries, and at once where the wait would be long or is not told", async () => {
    for (const [seconds, tries] of [
      ["0", 4],
      ["60", 1],
      ["soon", 1],
    ] as const) {
      const { asked } = serve({ "GET /api/v1/health": () => later(seconds) });
      await expect(health()).rejects.toMatchObject({ status: 429 });
      expect(asked).toHaveLength(tries);
    }
  });

  it("is not sent again for somebody who went away", async () => {
    const { asked } = serve({ "GET /api/v1/health": () => later("5") });
    const leaving = new AbortController();
    const request = call(api.GET("/api/v1/health", { signal: leaving.signal }));
    setTimeout(() => leaving.abort(), 50);
    await expect(request).rejects.toMatchObject({ name: "AbortError" });
    expect(asked).toHaveLength(1);
  });
});

describe("the session", () => {
  const refused = { status: 401, body: { detail: "no", code: "token_expired" } };

  it("ends when the server no longer accepts its token and gives no other", async () => {
    logIn();
    serve({ "GET /api/v1/auth/me": () => refused, "POST /api/v1/auth/refresh": () => refused });
    await expect(me()).rejects.toMatchObject({ code: "token_expired" });
    expect(session.token()).toBeNull();
    expect(session.hasEnded()).toBe(true);
    expect(localStorage).toHaveLength(0);
  });

  it("renews a token that was refused, once for all requests, and repeats them with the new one", async () => {
    logIn();
    const renewed = { user, access_token: "next", token_type: "bearer", expires_in: 900 };
    const { asked } = serve({
      "GET /api/v1/auth/me": (request) =>
        request.headers.get("authorization") === "Bearer next" ? { body: { fine: true } } : refused,
      "POST /api/v1/auth/refresh": () => ({ body: renewed }),
    });
    await expect(Promise.all([me(), me(), me()])).resolves.toEqual([{ fine: true }, { fine: true }, { fine: true }]);
    expect(asked.filter((name) => name === "POST /api/v1/auth/refresh")).toHaveLength(1);
    expect(session.token()).toBe("next");
  });

  it("renews a token before it expires", async () => {
    session.begin({ user, access_token: "old", token_type: "bearer", expires_in: 20 });
    const { asked } = serve({
      "GET /api/v1/auth/me": () => ({ body: {} }),
      "POST /api/v1/auth/refresh": () => ({
        body: { user, access_token: "next", token_type: "bearer", expires_in: 900 },
      }),
    });
    await me();
    expect(asked).toEqual(["POST /api/v1/auth/refresh", "GET /api/v1/auth/me"]);
  });

  it("goes on when the server is only away for a moment", async () => {
    logIn();
    serve({
      "GET /api/v1/auth/me": () => ({ body: {} }),
      "POST /api/v1/auth/refresh": () => ({ status: 503, body: {} }),
    });
    await session.instead("secret");
    expect(session.token()).toBe("secret");
  });

  it("keeps no token where another page's script could read it", () => {
    logIn();
    expect(JSON.stringify({ ...sessionStorage, ...localStorage })).not.toContain("secret");
  });

  it("leaves nothing behind after logging out", () => {
    logIn();
    sessionStorage.setItem("aos.run", "r1");
    session.logout();
    expect(session.user()).toBeNull();
    expect(session.hasEnded()).toBe(false);
    expect(sessionStorage).toHaveLength(0);
    expect(localStorage).toHaveLength(0);
  });
});
