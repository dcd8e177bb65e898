// Finding commands by a few letters. Pure.

export type Command = { id: string; group: string; label: string; note?: string; keywords?: string; run: () => void };

const FOUND_MAX = 60;

/** Returns the commands that fit, the best first within the group that comes first; all of them, in their order, for no letters. */
export function findCommands(commands: Command[], query: string): Command[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return commands.slice(0, FOUND_MAX);
  const scored = commands
    .map((command, at) => ({ command, at, score: scoreOf(command, wanted) }))
    .filter(({ score }) => score > 0);
  const best = new Map<string, number>();
  for (const { command, score } of scored) best.set(command.group, Math.max(best.get(command.group) ?? 0, score));
  const groups = [...best.entries()].sort((a, b) => b[1] - a[1]).map(([group]) => group);
  return scored
    .sort(
      (a, b) => groups.indexOf(a.command.group) - groups.indexOf(b.command.group) || b.score - a.score || a.at - b.at,
    )
    .slice(0, FOUND_MAX)
    .map(({ command }) => command);
}

function scoreOf(command: Command, wanted: string[]): number {
  const label = command.label.toLowerCase();
  const rest = `${command.note ?? ""} ${command.keywords ?? ""}`.toLowerCase();
  let score = 0;
  for (const word of wanted) {
    if (label.startsWith(word)) score += 4;
    else if (label.includes(` ${word}`)) score += 3;
    else if (label.includes(word)) score += 2;
    else if (rest.includes(word)) score += 1;
    else return 0;
  }
  return score;
}
