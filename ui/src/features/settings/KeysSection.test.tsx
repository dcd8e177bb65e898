import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { session } from "@/api/session";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { KeysSection } from "./KeysSection";

const key = {
  id: "k1",
  name: "nightly",
  role: "agent",
  scopes: ["records:read"],
  ending: "9f3c",
  created_at: "2026-11-21T12:00:00Z",
  created_by: "user:u",
  expires_at: null,
  last_used_at: null,
  revoked_at: null as string | null,
};
const decision = (action: string, allowed: boolean) => ({
  action,
  allowed,
  decided_by: action,
  reason: "the role `owner` may do it",
});
const explain = (manages: boolean) => ({
  body: { role: "owner", scopes: null, decisions: [decision("keys:manage", manages), decision("records:read", true)] },
});

beforeEach(() => {
  const user = { id: "u", email: "a@b.c", name: "Ann", tenant_id: "t", role: "owner" as const, created_at: "" };
  session.begin({ user, access_token: "t", token_type: "bearer", expires_in: 900 });
});

it("a key is shown once, after it was made for what was ticked only", async () => {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": () => explain(true),
    "GET /api/v1/api-keys": () => ({ body: { items: [key], next_cursor: null } }),
    "POST /api/v1/api-keys": async (request) => {
      sent(await request.json());
      return { status: 201, body: { ...key, key: "aos_secret" } };
    },
  });
  const user = renderPart(<KeysSection />);
  await user.click(await screen.findByRole("button", { name: "Make a key" }));
  await user.type(screen.getByLabelText("Name"), "nightly");
  await user.click(screen.getByLabelText("Only some of it"));
  const make = screen.getAllByRole("button", { name: "Make a key" }).at(-1) as HTMLElement;
  expect(make).toBeDisabled();
  await user.click(screen.getByRole("checkbox", { name: "records:read" }));
  await user.click(make);
  expect(await screen.findByText("aos_secret")).toBeInTheDocument();
  expect(sent).toHaveBeenCalledWith({ name: "nightly", role: "agent", expires_in_days: 90, scopes: ["records:read"] });
  await user.click(screen.getByRole("button", { name: "I have stored it" }));
  await waitFor(() => expect(screen.queryByText("aos_secret")).not.toBeInTheDocument());
});

it("a key is revoked only after the question, and the list is read again", async () => {
  let revoked = false;
  serve({
    "GET /api/v1/auth/explain": () => explain(true),
    "GET /api/v1/api-keys": () => ({
      body: { items: [{ ...key, revoked_at: revoked ? "2026-11-21T13:00:00Z" : null }], next_cursor: null },
    }),
    "DELETE /api/v1/api-keys/k1": () => {
      revoked = true;
      return { body: null };
    },
  });
  const user = renderPart(<KeysSection />);
  await user.click(await screen.findByRole("button", { name: "Revoke nightly" }));
  expect(revoked).toBe(false);
  await user.click(screen.getByRole("button", { name: "Revoke" }));
  expect(await screen.findByText("revoked")).toBeInTheDocument();
});

it("whoever may not manage keys is told whom to ask", async () => {
  serve({ "GET /api/v1/auth/explain": () => explain(false), "GET /api/v1/api-keys": () => ({ body: { items: [] } }) });
  renderPart(<KeysSection />);
  expect(await screen.findByText(/Ask an admin or owner/)).toBeInTheDocument();
});
