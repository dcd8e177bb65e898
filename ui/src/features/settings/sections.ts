// The sections of the settings, as addresses name them.
export const SETTINGS_SECTIONS = [
  "profile",
  "members",
  "keys",
  "flags",
  "models",
  "notifications",
  "secrets",
  "personal",
  "audit",
  "isolation",
] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

export function parseSection(value: string): SettingsSection {
  return SETTINGS_SECTIONS.find((section) => section === value) ?? "profile";
}
