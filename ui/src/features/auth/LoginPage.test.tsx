import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { session } from "@/api/session";
import { App } from "@/app/App";
import { serve } from "@/test/server";

const health = (body: object = {}) => ({
  "GET /api/v1/health": () => ({ body: { status: "ok", version: "1", ...body } }),
});
const user = { id: "u", email: "a@b.c", name: "Ann", tenant_id: "t", role: "owner", created_at: "" };
const granted = { user, access_token: "secret", token_type: "bearer", expires_in: 900 };

async function openLogin() {
  render(<App />);
  await screen.findByRole("heading", { name: "Log in" });
  return userEvent.setup();
}

async function fillAndSubmit(user: ReturnType<typeof userEvent.setup>) {
  await user.type(screen.getByLabelText("E-mail"), "a@b.c");
  await user.type(screen.getByLabelText("Password"), "wrong");
  await user.click(screen.getByRole("button", { name: "Log in" }));
}

beforeEach(() => {
  session.logout();
  window.history.replaceState(null, "", "/login");
});

describe("the login page", () => {
  it("shows why a login was refused and what to do", async () => {
    serve({
      ...health(),
      "POST /api/v1/auth/login": () => ({
        status: 401,
        body: { detail: "The password is wrong.", code: "invalid_credentials", next_step: "Check it and try again." },
      }),
    });
    await fillAndSubmit(await openLogin());
    expect(await screen.findByRole("alert")).toHaveTextContent("The password is wrong.Check it and try again.");
    expect(session.token()).toBeNull();
  });

  it("begins a session and leaves for the page asked for", async () => {
    window.history.replaceState(null, "", "/login?next=%2Fledger");
    serve({ ...health(), "POST /api/v1/auth/login": () => ({ body: granted }) });
    await fillAndSubmit(await openLogin());
    await screen.findByRole("heading", { name: "AOS Ledger" });
    expect(session.token()).toBe("secret");
    expect(window.location.pathname).toBe("/ledger");
  });

  it("does not offer a demo login unless the server says so", async () => {
    serve(health());
    await openLogin();
    expect(screen.queryByRole("button", { name: /demo/ })).not.toBeInTheDocument();
  });

  it("offers the demo login that the server names", async () => {
    serve(health({ demo: { email: "demo@autonomos.local", password: "p" } }));
    await openLogin();
    expect(await screen.findByRole("button", { name: "Log in as demo@autonomos.local" })).toBeInTheDocument();
  });

  it("is where a stranger lands, with the way back remembered", async () => {
    window.history.replaceState(null, "", "/rejections?code=cast_failed");
    serve(health());
    await openLogin();
    expect(new URLSearchParams(window.location.search).get("next")).toBe("/rejections?code=cast_failed");
  });

  it("never sends a person to another site", async () => {
    window.history.replaceState(null, "", "/login?next=%2F%2Fevil.example");
    serve({ ...health(), "POST /api/v1/auth/login": () => ({ body: granted }) });
    await fillAndSubmit(await openLogin());
    await screen.findByRole("heading", { name: /^AOS Home/ });
    expect(window.location.pathname).toBe("/");
  });
});
