// Which settings of connections are references to secrets. Pure.
import type { Connection } from "@/api/types";
import { text as all } from "@/text/settings";

const text = all.secrets;

export type SecretReference = { connection: string; setting: string; reference: string };

/** The places that a reference can name: the process's environment, a vault, a person's leave, a service principal. */
const REFERENCE = /^(env|vault|consent|sp|sealed|secret|file):[^\s]+$/;

export function referencesOf(
  connections: Pick<Connection, "name" | "config" | "credential_locator">[],
): SecretReference[] {
  return connections.flatMap(({ name, config, credential_locator }) => [
    ...(credential_locator ? [{ connection: name, setting: "credential_locator", reference: credential_locator }] : []),
    ...Object.entries(config as Record<string, unknown>).flatMap(([setting, value]) => {
      const reference = referenceIn(value);
      return reference === null ? [] : [{ connection: name, setting, reference }];
    }),
  ]);
}

/** Reads a place from a setting: the reference as it is written, or that the secret is kept sealed here. */
function referenceIn(value: unknown): string | null {
  if (typeof value === "string") return REFERENCE.test(value) ? value : null;
  const sealed = value !== null && typeof value === "object" && (value as { set?: unknown }).set === true;
  return sealed ? text.sealedHere : null;
}
