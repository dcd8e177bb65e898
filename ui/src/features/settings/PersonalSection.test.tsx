import { screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { PersonalSection } from "./PersonalSection";

const field = (name: string, pii: string | null) => ({ name, pii, description: "", required: false, type: "string" });
const entity = {
  name: "contact",
  label: "Contact",
  description: "",
  key: "contact_id",
  records: 1,
  source_mappings: [],
  fields: [field("contact_id", null), field("email", "email")],
};
const asked = vi.fn();
let sees = true;

beforeEach(() => {
  asked.mockReset();
  serve({
    "GET /api/v1/auth/explain": () => ({
      body: { decisions: ["personal:read", "audit:read"].map((action) => ({ action, allowed: sees })) },
    }),
    "GET /api/v1/dcl/ontology_schema": () => ({ body: { entities: [entity] } }),
    "POST /api/v1/pii/scan": async (request) => {
      asked("scan", await request.json());
      const finding = { type: "email", kind: "email", start: 9, end: 18, score: 0.99, because: ["form"] };
      return {
        body: { findings: [finding], redacted_text: "Write to <EMAIL:tok_A>", screening: "instructs" },
      };
    },
    "POST /api/v1/pii/reveal": async (request) => {
      asked("reveal", await request.json());
      return { body: { text: "Write to a@b.examp", opened: 1, unopened: 2 } };
    },
  });
});

it("marks what was found where it stands, and shows the text without it", async () => {
  sees = true;
  const user = renderLinked(<PersonalSection />);
  await user.type(await screen.findByLabelText("Text"), "Write to a@b.examp");
  await user.selectOptions(await screen.findByLabelText("Put in its place"), "tokens");
  await user.click(screen.getByRole("button", { name: "Look" }));
  expect(await screen.findByText("1 piece found")).toBeInTheDocument();
  expect(document.querySelector('[data-found="email"]')).toHaveTextContent(/^a@b\.examp/);
  expect(screen.getByText("tries to instruct a model")).toBeInTheDocument();
  expect(screen.getByText("Write to <EMAIL:tok_A>")).toBeInTheDocument();
  expect(asked).toHaveBeenCalledExactlyOnceWith("scan", {
    text: "Write to a@b.examp",
    score_min: 0.5,
    redact: "tokens",
  });
});

it("opens tokens only for a purpose, and says what was not opened", async () => {
  sees = true;
  const user = renderLinked(<PersonalSection />);
  await user.type(await screen.findByLabelText("Text with tokens"), "Write to <EMAIL:tok_A>");
  await user.click(screen.getByRole("button", { name: "Open them" }));
  expect(asked).not.toHaveBeenCalled();
  await user.type(screen.getByLabelText("What for"), "ticket 17");
  await user.click(screen.getByRole("button", { name: "Open them" }));
  expect(await screen.findByText(/^1 token opened; 2 left as they are/)).toBeInTheDocument();
  expect(asked).toHaveBeenCalledExactlyOnceWith("reveal", { text: "Write to <EMAIL:tok_A>", purpose: "ticket 17" });
});

it("offers whoever may not see personal data no tokens and nothing to open", async () => {
  sees = false;
  renderLinked(<PersonalSection />);
  expect(await screen.findByText(/^Your role does not see personal data/)).toBeInTheDocument();
  expect(screen.queryByLabelText("Text with tokens")).not.toBeInTheDocument();
  expect(screen.queryByRole("option", { name: /tokens/ })).not.toBeInTheDocument();
});
