// The settings of a connector as a form: text as typed, and the configuration that is made of it. Pure.
import type { ConnectorSetting } from "@/api/types";
import { text as all } from "@/text/connections";

export type Typed = Record<string, string>;

/** Makes the configuration of what was typed. What was left empty is left out, so that the connector's own default holds. */
export function configOf(settings: ConnectorSetting[], typed: Typed): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const setting of settings) {
    const value = typedValue(setting.kind, (typed[setting.name] ?? "").trim());
    if (value !== undefined) config[setting.name] = value;
  }
  return config;
}

function typedValue(kind: string, text: string): unknown {
  if (text === "") return undefined;
  switch (kind) {
    case "integer":
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true";
    case "list":
      return text
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean);
    default:
      return text;
  }
}

/** Says what is wrong with a setting as it is typed, before the server is asked; null when nothing is. */
export function mistakeIn(setting: ConnectorSetting, typed: Typed): string | null {
  const text = (typed[setting.name] ?? "").trim();
  if (text === "") return null;
  if (setting.kind === "url" && !/^https?:\/\//.test(text)) return all.wizard.noAddress;
  if (setting.kind === "integer" && !/^-?\d+$/.test(text)) return all.wizard.noNumber;
  return null;
}

/** Puts what must be given first, and secrets after the rest of their kind. */
export function inOrder(settings: ConnectorSetting[]): ConnectorSetting[] {
  const rank = (setting: ConnectorSetting) => (setting.required ? 0 : 2) + (setting.kind === "secret" ? 1 : 0);
  return [...settings].sort((a, b) => rank(a) - rank(b));
}
