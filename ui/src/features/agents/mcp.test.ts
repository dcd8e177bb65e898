import { expect, it } from "vitest";
import { setUpOf } from "./mcp";

const address = "https://aos.example.com/mcp";

it("tells each client in its own words where the data is", () => {
  expect(setUpOf("claude_code", address)).toBe(`claude mcp add --transport http autonomos ${address}`);
  expect(JSON.parse(setUpOf("cursor", address))).toEqual({ mcpServers: { autonomos: { url: address } } });
  expect(JSON.parse(setUpOf("vscode", address))).toEqual({ servers: { autonomos: { type: "http", url: address } } });
  expect(JSON.parse(setUpOf("claude_desktop", address)).mcpServers.autonomos.args).toContain(address);
  expect(setUpOf("other", address)).toBe(address);
});
