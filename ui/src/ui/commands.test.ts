import { expect, it } from "vitest";
import { type Command, findCommands } from "./commands";

const command = (label: string, group = "Pages", keywords = ""): Command => ({
  id: label,
  group,
  label,
  keywords,
  run: () => undefined,
});
const labels = (commands: Command[]) => commands.map(({ label }) => label);

const COMMANDS = [
  command("Home"),
  command("Connections", "Pages", "aam mesh"),
  command("Records"),
  command("Connect all sources", "Actions"),
  command("account", "Entities"),
];

it("lists everything in its order while nothing is typed", () => {
  expect(labels(findCommands(COMMANDS, " "))).toEqual(labels(COMMANDS));
});

it("finds by the beginning, by a later word, and by what something is also called", () => {
  expect(labels(findCommands(COMMANDS, "con"))).toEqual(["Connections", "Connect all sources"]);
  expect(labels(findCommands(COMMANDS, "sources"))).toEqual(["Connect all sources"]);
  expect(labels(findCommands(COMMANDS, "mesh"))).toEqual(["Connections"]);
});

it("every word must fit", () => {
  expect(findCommands(COMMANDS, "connect moon")).toEqual([]);
});

it("keeps groups together, the best first", () => {
  const mixed = [command("ba", "A"), command("ab", "B"), command("cab", "A")];
  expect(labels(findCommands(mixed, "ab"))).toEqual(["ab", "cab"]);
});
