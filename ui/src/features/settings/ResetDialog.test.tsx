import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { ResetDialog } from "./ResetDialog";

const bob = {
  id: "u2",
  email: "bob@acme.example",
  name: "Bob",
  tenant_id: "t",
  role: "member" as const,
  created_at: "",
};

it("a link to another password is made only when asked for, and shown once", async () => {
  const closed = vi.fn();
  const { asked } = serve({
    "POST /api/v1/members/u2/password-reset": () => ({
      status: 201,
      body: { id: "r", token: "aosp_x", link: "/reset#aosp_x", expires_at: "2026-11-22T12:00:00Z" },
    }),
  });
  const user = renderPart(<ResetDialog member={bob} onClose={closed} />);
  expect(asked).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Make the link" }));
  expect(await screen.findByText(`${window.location.origin}/reset#aosp_x`)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Done" }));
  expect(closed).toHaveBeenCalledOnce();
});

it("a refusal is shown with the server's words", async () => {
  serve({
    "POST /api/v1/members/u2/password-reset": () => ({
      status: 403,
      body: { detail: "Bob is above you.", code: "role_above", next_step: "Ask an owner." },
    }),
  });
  const user = renderPart(<ResetDialog member={bob} onClose={() => {}} />);
  await user.click(screen.getByRole("button", { name: "Make the link" }));
  expect(await screen.findByText("Bob is above you.")).toBeInTheDocument();
});
