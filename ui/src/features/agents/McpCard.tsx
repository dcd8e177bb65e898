// Agents of one's own: where programs that speak MCP find this installation, and what each of them wants to be told.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { text } from "@/text/agents";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { TabRow, tabClass } from "@/ui/Tabs";
import { CLIENTS, type Client, setUpOf } from "./mcp";

export function McpCard() {
  const [client, setClient] = useState<Client>("claude_code");
  const address = `${window.location.origin}/mcp`;
  return (
    <Card title={text.mcp}>
      <div className="grid gap-4">
        <p className="max-w-3xl text-soft">{text.mcpLead}</p>
        <TabRow label={text.mcpClients} chosen={client}>
          {CLIENTS.map((name) => (
            <button
              key={name}
              type="button"
              data-tab={name}
              aria-pressed={name === client}
              className={tabClass(name === client)}
              onClick={() => setClient(name)}
            >
              {text.clients[name][0]}
            </button>
          ))}
        </TabRow>
        <div className="grid max-w-2xl gap-2">
          <p className="text-sm text-soft">{text.clients[client][1]}</p>
          <CopyField label={text.clients[client][0]} value={setUpOf(client, address)} />
        </div>
        <Link
          to="/settings/$section"
          params={{ section: "keys" }}
          className="w-fit font-semibold text-accent underline-offset-4 hover:underline"
        >
          {text.mcpKeys}
        </Link>
      </div>
    </Card>
  );
}
