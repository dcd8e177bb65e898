// Which models there are to choose from, and what a choice sends. Pure.
import type { ModelSettings, ModelSettingsShown, Models } from "@/api/types";

/** Names the models of the chosen provider whose price is known, and the chosen one in any case. */
export function modelsOf(known: Models, chosen: ModelSettingsShown): string[] {
  if (!chosen.provider) return [];
  const prefix = `${chosen.provider}/`;
  const priced = known.priced.flatMap(({ model }) => (model.startsWith(prefix) ? [model.slice(prefix.length)] : []));
  return [...new Set([...(chosen.model ? [chosen.model] : []), ...priced])];
}

/** Chooses another model and keeps everything else. A price that was given by hand was the other model's. */
export function withModel(chosen: ModelSettingsShown, model: string): ModelSettings {
  const { has_key: _, production_mode: __, ...kept } = chosen;
  return { ...kept, model, price: undefined };
}
