// Builds connections for tests.
import type { Connection } from "@/api/types";

export function connection(name: string, part: Partial<Connection> = {}): Connection {
  return {
    id: `c_${name}`,
    name,
    system: name,
    connector: "file",
    status: "never_run",
    config: { path: `/${name}` },
    streams: [],
    last_run: null,
    paused: null,
    stale_after_s: null,
    created_at: "",
    ...part,
  };
}
