import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { connection } from "@/test/connections";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { AddConnection } from "./AddConnection";

const connectors = {
  items: [
    {
      name: "zendesk",
      title: "Zendesk",
      about: "Reads tickets.",
      auth: ["token"],
      documentation: "https://developer.zendesk.com",
      settings: [
        { name: "subdomain", title: "Subdomain", kind: "text", required: true, help: "The part before .zendesk.com" },
        { name: "api_token", title: "API token", kind: "secret", required: true, help: "From the admin centre." },
      ],
    },
  ],
};

it("leads from a system over its settings to a look at the source, and loses nothing on the way", async () => {
  const sent = vi.fn();
  let refused = true;
  serve({
    "GET /api/v1/connectors": () => ({ body: connectors }),
    "POST /api/v1/connections": async (request) => {
      sent(await request.json());
      const problem = { detail: "The name is taken.", code: "name_taken", next_step: "Choose another one." };
      return refused ? { status: 409, body: problem } : { status: 201, body: connection("support") };
    },
    "POST /api/v1/connections/c_support/check": () => ({
      body: { ok: true, message: "signed in", streams: 4, skipped: [], latency_ms: 31, identity: "reader@acme" },
    }),
  });
  const onAdded = vi.fn();
  const user = renderLinked(<AddConnection first="choose" onClose={() => undefined} onAdded={onAdded} />);

  await user.click(await screen.findByRole("button", { name: /Zendesk/ }));
  await user.type(screen.getByLabelText(/^Subdomain/), "acme");
  expect(screen.getByLabelText(/^API token/)).toHaveAttribute("type", "password");
  await user.type(screen.getByLabelText(/^API token/), "env:ZENDESK");
  await user.click(screen.getByRole("button", { name: "Add and check" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The name is taken.Choose another one.");
  expect(screen.getByLabelText(/^Subdomain/)).toHaveValue("acme");

  refused = false;
  await user.clear(screen.getByLabelText("Name"));
  await user.type(screen.getByLabelText("Name"), "support");
  await user.click(screen.getByRole("button", { name: "Add and check" }));
  expect(await screen.findByText("It answers. Read it now?")).toBeInTheDocument();
  expect(screen.getByText(/knows us as reader@acme/)).toBeInTheDocument();
  expect(sent).toHaveBeenLastCalledWith({
    name: "support",
    connector: "zendesk",
    config: { subdomain: "acme", api_token: "env:ZENDESK" },
  });
  await user.click(screen.getByRole("button", { name: "Later" }));
  expect(onAdded).toHaveBeenCalledWith("c_support");
});
