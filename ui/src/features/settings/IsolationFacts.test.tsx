import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Isolation } from "@/api/types";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { IsolationFacts } from "./IsolationFacts";

function open(isolation: Isolation) {
  serve({ "GET /api/v1/isolation": () => ({ body: isolation }) });
  renderPart(<IsolationFacts />);
}

it("says on how many tables row security holds", async () => {
  const row_security = { tables: 68, forced: 68, passed_by: false };
  open({ database: "postgresql", row_security, secrets_sealed: true });
  expect(await screen.findByText("forced on 68 of 68 tables")).toBeInTheDocument();
  expect(screen.getByText("sealed")).toBeInTheDocument();
});

it("says where it does not hold, and does not call a file what it is not", async () => {
  open({ database: "postgresql", row_security: { tables: 68, forced: 67, passed_by: false }, secrets_sealed: false });
  expect(await screen.findByText("forced on 67 of 68 tables")).toBeInTheDocument();
  expect(screen.getByText(/has been taken off/)).toBeInTheDocument();
  expect(screen.getByText("not sealed")).toBeInTheDocument();
});

it("says of a file that the program alone keeps organisations apart", async () => {
  open({ database: "sqlite", row_security: null, secrets_sealed: true });
  expect(await screen.findByText("not there")).toBeInTheDocument();
  expect(screen.getByText(/the program alone/)).toBeInTheDocument();
});
