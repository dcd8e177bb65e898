import { expect, it } from "vitest";
import type { ConnectorSetting } from "@/api/types";
import { configOf, inOrder, mistakeIn } from "./settingsForm";

const setting = (name: string, kind: string, required = false): ConnectorSetting => ({
  name,
  title: name,
  kind,
  required,
  help: "",
  choices: [],
});

it("makes each value of its kind, and leaves out what was left empty", () => {
  const settings = [
    setting("path", "text"),
    setting("port", "integer"),
    setting("tls", "boolean"),
    setting("tables", "list"),
    setting("token", "secret"),
    setting("region", "text"),
  ];
  const typed = { path: " /srv ", port: "5432", tls: "false", tables: "a\n\n b ", token: "env:TOKEN", region: " " };
  expect(configOf(settings, typed)).toEqual({
    path: "/srv",
    port: 5432,
    tls: false,
    tables: ["a", "b"],
    token: "env:TOKEN",
  });
});

it("notices addresses and numbers that are none, and nothing that is empty", () => {
  expect(mistakeIn(setting("url", "url"), { url: "crm.example" })).not.toBeNull();
  expect(mistakeIn(setting("port", "integer"), { port: "many" })).not.toBeNull();
  expect(mistakeIn(setting("port", "integer"), {})).toBeNull();
});

it("asks for what is needed first", () => {
  const order = inOrder([setting("a", "text"), setting("b", "secret", true), setting("c", "text", true)]);
  expect(order.map(({ name }) => name)).toEqual(["c", "b", "a"]);
});
