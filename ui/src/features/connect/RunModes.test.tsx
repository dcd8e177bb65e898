import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { RunModes } from "./RunModes";

const may = (action: string, allowed: boolean) => ({ action, allowed, decided_by: action, reason: "" });
const ACTIONS = ["models:manage", "orchestration:run", "flags:write"];
const flag = { name: "USE_AAM_AS_SOURCE", value: false, source: "default", default: false, description: "" };
const none = { provider: null, model: null, has_key: false, production_mode: false };

type Part = { allowed?: boolean; flag?: object; chosen?: object; status?: object };

function open(part: Part = {}) {
  const sent = vi.fn();
  const take = (name: string) => async (request: Request) => {
    sent(name, await request.json());
    return { body: {} };
  };
  serve({
    "GET /api/v1/auth/explain": () => ({
      body: { decisions: ACTIONS.map((action) => may(action, part.allowed ?? true)) },
    }),
    "GET /api/v1/aoa/status": () => ({
      body: { active: null, last: null, prod_mode: false, aod_configured: false, agents: [], ...part.status },
    }),
    "GET /api/v1/flags": () => ({ body: { items: [{ ...flag, ...part.flag }] } }),
    "GET /api/v1/models": () => ({
      body: { providers: [], usable: true, why_not: null, priced: [{ model: "open_ai/gpt-mini", price: {} }] },
    }),
    "GET /api/v1/models/settings": () => ({ body: { ...none, ...part.chosen } }),
    "POST /api/v1/aoa/prod-mode": take("production"),
    "PUT /api/v1/flags/USE_AAM_AS_SOURCE": take("live"),
    "PUT /api/v1/models/settings": take("model"),
  });
  return { user: renderLinked(<RunModes />), sent };
}

const enabled = async (element: HTMLElement) => {
  await vi.waitFor(() => expect(element).toBeEnabled());
  return element;
};

it("turns production mode on and shows live sources only, each by one press", async () => {
  const { user, sent } = open();
  await user.click(await enabled(await screen.findByRole("switch", { name: "Production mode" })));
  expect(sent).toHaveBeenLastCalledWith("production", { enabled: true });
  const shown = screen.getByRole("group", { name: "Sources that the picture shows" });
  await user.click(within(shown).getByRole("button", { name: "Live only" }));
  expect(sent).toHaveBeenLastCalledWith("live", { value: true });
});

it("chooses among the models of the provider and keeps the rest of the choice", async () => {
  const { user, sent } = open({ chosen: { provider: "open_ai", model: "gpt-own", tokens_per_day_max: 9 } });
  await user.selectOptions(await enabled(await screen.findByRole("combobox", { name: "Model" })), "gpt-mini");
  expect(sent).toHaveBeenLastCalledWith("model", {
    provider: "open_ai",
    model: "gpt-mini",
    tokens_per_day_max: 9,
  });
});

it("says that no model is needed where none is chosen, and leads to the choice", async () => {
  open();
  expect(await screen.findByText("none chosen")).toBeInTheDocument();
  expect(await screen.findByRole("link", { name: "Choose" })).toBeInTheDocument();
});

it("shows a change of production mode that is on its way, and takes no other one meanwhile", async () => {
  open({ status: { active: { kind: "prod_mode" } } });
  const production = await screen.findByRole("switch", { name: "Production mode" });
  expect(production).toBeChecked();
  expect(production).toBeDisabled();
});

it("offers nothing that would be refused", async () => {
  open({ allowed: false });
  expect(await screen.findByRole("switch", { name: "Production mode" })).toBeDisabled();
  expect(screen.getByRole("group", { name: "Sources that the picture shows" })).toBeDisabled();
  expect(screen.queryByRole("link", { name: "Choose" })).not.toBeInTheDocument();
});
