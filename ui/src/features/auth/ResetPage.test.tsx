import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { session } from "@/api/session";
import { App } from "@/app/App";
import { serve } from "@/test/server";

const user = { id: "u", email: "bob@acme.example", name: "Bob", tenant_id: "t", role: "member", created_at: "" };
const granted = { user, access_token: "secret", token_type: "bearer", expires_in: 900 };

beforeEach(() => {
  session.logout();
  window.history.replaceState(null, "", "/reset#aosp_token");
});

it("whoever has the link chooses another password and is signed in", async () => {
  const sent = vi.fn();
  serve({
    "POST /api/v1/auth/password-resets/look": async (request) => {
      sent(await request.json());
      return { body: { email: "bob@acme.example", expires_at: "2026-11-22T12:00:00Z" } };
    },
    "POST /api/v1/auth/password-resets/redeem": async (request) => {
      sent(await request.json());
      return { body: granted };
    },
  });
  render(<App />);
  expect(await screen.findByLabelText("E-mail")).toHaveValue("bob@acme.example");
  await userEvent.type(screen.getByLabelText("New password"), "four unrelated plain words");
  await userEvent.click(screen.getByRole("button", { name: "Change it and log in" }));
  await vi.waitFor(() => expect(session.token()).toBe("secret"));
  expect(sent.mock.calls).toEqual([
    [{ token: "aosp_token" }],
    [{ token: "aosp_token", password: "four unrelated plain words", refresh: "cookie" }],
  ]);
});

it("a link that was used says what to do, and asks for no password", async () => {
  serve({
    "POST /api/v1/auth/password-resets/look": () => ({
      status: 410,
      body: { detail: "This link is not good any more.", code: "password_reset_gone", next_step: "Ask an admin." },
    }),
  });
  render(<App />);
  expect(await screen.findByRole("alert")).toHaveTextContent("This link is not good any more.Ask an admin.");
  expect(screen.queryByLabelText("New password")).not.toBeInTheDocument();
});
