// What the discovery service found, and how a proposal says that it comes from there. More than one page needs it.
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "./client";
import type { Asset, Assets } from "./types";

export const assetsQuery = queryOptions({
  queryKey: ["assets"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/aam/assets", { signal })),
});

const NAME_MAX = 100;
const OWNER_MAX = 200;

/** Makes what a proposal says of the asset that it comes from: its name, the evidence for it, and whose it is by the service's word. */
export function proposalOf(asset: Asset, answered: Assets["answered"]) {
  const { owner } = asset.attributes;
  return {
    name: asset.name.replaceAll("/", "-").slice(0, NAME_MAX).trim(),
    evidence: {
      status: "discovered",
      source: `aod/${asset.id}`,
      ts: answered?.answered_at ?? new Date().toISOString(),
    },
    ...(typeof owner === "string" &&
      owner !== "" && {
        owner: {
          user: owner.slice(0, OWNER_MAX),
          confidence: asset.confidence,
          why: asset.evidence.join("; ").slice(0, 500),
        },
      }),
  };
}
