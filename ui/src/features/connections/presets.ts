// Forms that are filled in already, for what is the same for everybody.
import type { Typed } from "./settingsForm";

export type Preset = { connector: string; name: string; settings: Typed };

export const PRESETS: Partial<Record<string, Preset>> = {
  /** `autonomos simulate hubspot --port 5901`, which lets anybody in with this token. */
  simulator: {
    connector: "hubspot",
    name: "hubspot-simulator",
    settings: { access_token: "simulator-token", base_url: "http://127.0.0.1:5901" },
  },
};
