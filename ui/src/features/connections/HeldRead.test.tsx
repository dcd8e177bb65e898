import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { connection } from "@/test/connections";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { HeldRead } from "./HeldRead";

const held = {
  held_at: "2026-11-21T08:00:00Z",
  message: "A whole read of contacts is thought to take 12,000 requests.",
  requests: 12_000,
  requests_max: 5_000,
};

function open(part: object, writes = true) {
  const confirmed = vi.fn();
  serve({
    "GET /api/v1/auth/explain": () => ({
      body: { decisions: [{ action: "connections:write", allowed: writes, decided_by: "", reason: "" }] },
    }),
    "POST /api/v1/connections/c_crm/confirm": () => {
      confirmed();
      return { body: {} };
    },
  });
  const user = renderPart(<HeldRead connection={connection("crm", part)} />);
  return { user, confirmed };
}

it("says what a read would take, and lets it go on when a person says so", async () => {
  const { user, confirmed } = open({ status: "awaits_confirmation", held_read: held });
  expect(screen.getByText(/about 12,000 requests; 5,000 may be spent unasked/)).toBeInTheDocument();
  await user.click(await screen.findByRole("button", { name: "Let it go on" }));
  expect(confirmed).toHaveBeenCalledOnce();
});

it("asks nobody again for what was confirmed, and nobody who may not", async () => {
  open({ held_read: { ...held, confirmed_at: "2026-11-21T09:00:00Z", confirmed_by: "user:x" } });
  expect(await screen.findByText("A read goes on that waited")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Let it go on" })).not.toBeInTheDocument();
});

it("shows a viewer why a read waits, and no button", async () => {
  open({ held_read: held }, false);
  expect(await screen.findByText(held.message)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Let it go on" })).not.toBeInTheDocument();
});
