import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import { session } from "@/api/session";
import { serve } from "@/test/server";
import { App } from "./App";

const user = { id: "u", email: "a@b.c", name: "Ann", tenant_id: "t", role: "owner" as const, created_at: "" };
const granted = { user, access_token: "new", token_type: "bearer", expires_in: 900 };
const decisions = [{ action: "keys:manage", allowed: true, decided_by: "keys:manage", reason: "" }];

beforeEach(() => {
  session.begin({ ...granted, access_token: "old" });
  window.history.replaceState(null, "", "/settings/keys");
});

it("a session that ends in the middle of a form loses nothing that was typed", { timeout: 20_000 }, async () => {
  let over = false;
  serve({
    "GET /api/v1/auth/explain": () => ({ body: { role: "owner", scopes: null, decisions } }),
    "GET /api/v1/api-keys": () => ({ body: { items: [], next_cursor: null } }),
    "POST /api/v1/api-keys": (request) =>
      over && request.headers.get("authorization") !== "Bearer new"
        ? { status: 401, body: { detail: "The session is over.", code: "session_over" } }
        : { status: 201, body: { id: "k", name: "nightly", key: "aos_secret", role: "agent", ending: "x" } },
    "POST /api/v1/auth/refresh": () => ({ status: 401, body: {} }),
    "POST /api/v1/auth/login": () => ({ body: granted }),
  });
  render(<App />);
  const person = userEvent.setup();
  // The frame and the page are loaded when they are first opened, which takes its time on a busy machine.
  await person.click(await screen.findByRole("button", { name: "Make a key" }, { timeout: 10_000 }));
  await person.type(screen.getByLabelText("Name"), "nightly");
  over = true;
  const make = () => screen.getAllByRole("button", { name: "Make a key" }).at(-1) as HTMLElement;
  await person.click(make());
  await person.type(await screen.findByLabelText("Password"), "secret");
  await person.click(screen.getByRole("button", { name: "Log in" }));
  expect(await screen.findByLabelText("Name")).toHaveValue("nightly");
  expect(window.location.pathname).toBe("/settings/keys");
  await person.click(make());
  expect(await screen.findByText("aos_secret")).toBeInTheDocument();
});
