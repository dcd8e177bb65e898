// A drawing of our own for each kind of system: two letters on the colour of its kind. No vendor's logo is used.
import { clsx } from "clsx";
import { Database, FolderOpen, Plug } from "lucide-react";

const KINDS: Record<string, { letters?: string; icon?: typeof Database; className: string }> = {
  file: { icon: FolderOpen, className: "tint-source text-source" },
  postgresql: { letters: "Pg", className: "tint-ontology text-ontology" },
  supabase: { letters: "Sb", className: "tint-source text-source" },
  mongodb: { letters: "Mg", className: "tint-good text-good" },
  airbyte: { icon: Plug, className: "tint-agent text-agent" },
  salesforce: { letters: "Sf", className: "tint-ontology text-ontology" },
  hubspot: { letters: "Hs", className: "tint-warn text-warn" },
  dynamics: { letters: "D", className: "tint-agent text-agent" },
  netsuite: { letters: "Ns", className: "tint-warn text-warn" },
  sap: { letters: "SAP", className: "tint-ontology text-ontology" },
  snowflake: { letters: "❄", className: "tint-ontology text-ontology" },
  legacy_sql: { icon: Database, className: "tint-warn text-warn" },
  dynamics365: { letters: "D", className: "tint-agent text-agent" },
  pipedrive: { letters: "Pd", className: "tint-good text-good" },
  zendesk: { letters: "Zd", className: "tint-source text-source" },
};

export function ConnectorMark({ connector, system }: { connector: string; system?: string }) {
  const kind = KINDS[system ?? ""] ?? KINDS[connector];
  const Icon = kind?.icon;
  return (
    <span
      aria-hidden="true"
      className={clsx(
        "grid size-10 shrink-0 place-items-center rounded-xl text-sm font-bold",
        kind?.className ?? "bg-raised text-soft",
      )}
    >
      {Icon ? <Icon className="size-5" /> : (kind?.letters ?? connector.slice(0, 2).toUpperCase())}
    </span>
  );
}
