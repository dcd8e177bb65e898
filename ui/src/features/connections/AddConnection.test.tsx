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

it("brings along what a simulator needs, so that connecting it is one press", async () => {
  const hubspot = {
    name: "hubspot",
    title: "HubSpot",
    about: "Reads deals.",
    auth: ["token"],
    documentation: "",
    settings: [
      { name: "access_token", title: "Access token", kind: "secret", required: false, help: "" },
      { name: "base_url", title: "API address", kind: "url", required: false, help: "" },
    ],
  };
  const sent = vi.fn();
  serve({
    "GET /api/v1/connectors": () => ({ body: { items: [hubspot] } }),
    "POST /api/v1/connections": async (request) => {
      sent(await request.json());
      return { status: 201, body: connection("hubspot-simulator") };
    },
  });
  const user = renderLinked(<AddConnection first="simulator" onClose={() => undefined} onAdded={() => undefined} />);
  await user.click(await screen.findByRole("button", { name: "Add and check" }));
  expect(sent).toHaveBeenCalledExactlyOnceWith({
    name: "hubspot-simulator",
    connector: "hubspot",
    config: { access_token: "simulator-token", base_url: "http://127.0.0.1:5901" },
  });
});
