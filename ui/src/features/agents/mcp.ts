// What each MCP client wants to be told, as `autonomos mcp --url` prints it. The client sends its person to sign in; no key is needed. Pure.

export const CLIENTS = ["claude_code", "claude_desktop", "cursor", "vscode", "other"] as const;
export type Client = (typeof CLIENTS)[number];

/** The name that clients show. */
const NAME = "autonomos";

export function setUpOf(client: Client, address: string): string {
  switch (client) {
    case "claude_code":
      return `claude mcp add --transport http ${NAME} ${address}`;
    case "claude_desktop":
      // Its settings start programs only; this one passes the messages on.
      return settings("mcpServers", { command: "npx", args: ["-y", "mcp-remote", address] });
    case "cursor":
      return settings("mcpServers", { url: address });
    case "vscode":
      return settings("servers", { type: "http", url: address });
    case "other":
      return address;
  }
}

const settings = (servers: string, entry: object) => JSON.stringify({ [servers]: { [NAME]: entry } }, null, 2);
