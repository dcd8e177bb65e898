import { expect, it } from "vitest";
import { connection } from "@/test/connections";
import { edge } from "@/test/graph";
import { freshnessOfEdges, freshnessOfTables } from "./freshness";

const NOW = Date.parse("2026-06-08T12:00:00Z");
const stream = (name: string, completed_at: string | null) => ({
  name,
  columns: 1,
  rows: 1,
  reading: false,
  completed_at,
});

const tables = freshnessOfTables(
  [
    connection("crm", {
      streams: [
        stream("deals", "2026-06-08T09:00:00Z"),
        stream("people", "2026-06-05T12:00:00Z"),
        stream("notes", null),
      ],
    }),
    connection("erp", {
      stale_after_s: 3600,
      streams: [stream("orders", "2026-06-08T09:00:00Z"), stream("old", "2026-06-01T12:00:00Z")],
    }),
  ],
  NOW,
);

it("measures a table against how often its connection is to be read", () => {
  const of = (id: string) => tables.get(id)?.freshness;
  expect(of("src_crm_deals")).toBe("fresh");
  expect(of("src_crm_people")).toBe("ageing");
  expect(of("src_crm_notes")).toBe("never");
  expect(of("src_erp_orders")).toBe("ageing");
  expect(of("src_erp_old")).toBe("old");
});

it("makes what an agent takes as fresh as the oldest table behind the entity", () => {
  const reads = freshnessOfEdges(
    [
      edge("sys_crm", "src_crm_deals"),
      edge("src_crm_deals", "dcl_a", 1, 0.9),
      edge("src_erp_old", "dcl_a", 1, 0.9),
      { ...edge("dcl_a", "agent_x"), type: "consumption" },
    ],
    tables,
  );
  expect(reads.get("sys_crm>src_crm_deals")?.freshness).toBe("fresh");
  expect(reads.get("src_crm_deals>dcl_a")?.freshness).toBe("fresh");
  expect(reads.get("dcl_a>agent_x")).toEqual({ at: "2026-06-01T12:00:00Z", freshness: "old" });
});

it("follows an opened table to its columns", () => {
  expect(
    freshnessOfEdges([edge("src_crm_deals#amount", "dcl_a", 1, 0.9)], tables).get("src_crm_deals#amount>dcl_a")
      ?.freshness,
  ).toBe("fresh");
});

it("says nothing of what it knows nothing of", () => {
  expect(freshnessOfEdges([edge("sys_x", "src_x_y")], tables).size).toBe(0);
});
