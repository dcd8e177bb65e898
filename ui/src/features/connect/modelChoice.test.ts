import { expect, it } from "vitest";
import type { ModelSettingsShown, Models } from "@/api/types";
import { modelsOf, withModel } from "./modelChoice";

const chosen: ModelSettingsShown = {
  provider: "open_ai",
  base_url: null,
  model: "gpt-own",
  embedding_model: "e5",
  embedding_dimensions: null,
  tokens_per_day_max: 1000,
  dollars_per_day_max: null,
  price: { input: "1", output: "2" },
  embedding_price: null,
  has_key: true,
  production_mode: false,
};
const price = { input: "0.40", output: "1.60" };
const known: Models = {
  providers: [],
  usable: true,
  why_not: null,
  embedding_model: null,
  priced: [
    { model: "open_ai/gpt-4.1-mini", price },
    { model: "gemini/flash", price },
  ],
  prices_as_of: "2026-01-01",
};

it("offers the models of the chosen provider, the chosen one first", () => {
  expect(modelsOf(known, chosen)).toEqual(["gpt-own", "gpt-4.1-mini"]);
  expect(modelsOf(known, { ...chosen, provider: null, model: null })).toEqual([]);
});

it("keeps everything but the other model's price", () => {
  expect(withModel(chosen, "gpt-4.1-mini")).toMatchObject({
    provider: "open_ai",
    model: "gpt-4.1-mini",
    embedding_model: "e5",
    tokens_per_day_max: 1000,
    price: undefined,
  });
  expect(withModel(chosen, "gpt-4.1-mini")).not.toHaveProperty("has_key");
});
