import { describe, expect, it } from "vitest";
import type { Invitation } from "@/api/types";
import { stateOf } from "./InvitationsCard";
import { startOfDay } from "./queries";
import { referencesOf } from "./references";
import { isAbove, rolesUpTo } from "./roles";
import { parseSection } from "./sections";

describe("roles", () => {
  it("nobody gives more than they have, and nobody changes who is above them", () => {
    expect(rolesUpTo("member")).toEqual(["viewer", "agent", "member"]);
    expect(isAbove("owner", "admin")).toBe(true);
    expect(isAbove("admin", "admin")).toBe(false);
  });
});

describe("an invitation", () => {
  const open: Invitation = {
    id: "i",
    email: "a@b.c",
    role: "member",
    created_at: "2026-11-20T00:00:00Z",
    created_by: "user:1",
    expires_at: "2026-11-27T00:00:00Z",
    accepted_at: null,
    revoked_at: null,
  };
  const now = Date.parse("2026-11-21T00:00:00Z");

  it.each([
    ["open", {}],
    ["accepted", { accepted_at: "2026-11-20T01:00:00Z" }],
    ["revoked", { revoked_at: "2026-11-20T01:00:00Z" }],
    ["expired", { expires_at: "2026-11-20T23:59:59Z" }],
  ])("is %s", (state, part) => {
    expect(stateOf({ ...open, ...part }, now)).toBe(state);
  });
});

it("lists references to secrets and nothing else of a connection", () => {
  const config = {
    api_token: "env:TOKEN",
    password: { set: true, changed_at: "2026-11-21T12:00:00Z" },
    url: "https://acme.example",
    path: "/srv/a:b",
    port: 5432,
  };
  expect(referencesOf([{ name: "crm", config }])).toEqual([
    { connection: "crm", setting: "api_token", reference: "env:TOKEN" },
    { connection: "crm", setting: "password", reference: "sealed here" },
  ]);
});

it("a day of the filter is whole: it begins at its start and ends before the next", () => {
  const hours =
    (Date.parse(startOfDay("2026-06-05", 1) ?? "") - Date.parse(startOfDay("2026-06-05", 0) ?? "")) / 3_600_000;
  expect(hours).toBe(24);
  expect(startOfDay("not a day", 0)).toBeUndefined();
  expect(startOfDay(undefined, 0)).toBeUndefined();
});

it("an address without such a section shows the profile", () => {
  expect(parseSection("audit")).toBe("audit");
  expect(parseSection("nonsense")).toBe("profile");
});
