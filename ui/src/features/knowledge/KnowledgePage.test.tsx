import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { KnowledgePage } from "./KnowledgePage";

const document = {
  id: "d1",
  location: "upload:travel.md",
  title: "Travel policy",
  format: "markdown",
  tags: ["policy"],
  least_role: "viewer",
  redacted: true,
  redactions: 2,
  chunks: 1,
  marked_chunks: 0,
  characters: 80,
  tokens: 20,
  vector_model: null,
  created_by: "user:u",
  created_at: "2026-11-21T12:00:00Z",
  updated_at: "2026-11-21T12:00:00Z",
};
const match = {
  document_id: "d1",
  location: "upload:travel.md",
  title: "Travel policy",
  citation: "Travel policy: Trains",
  snippet: "Trains are booked by the office.",
  score: 0.03,
  text_rank: 1,
  vector_rank: null,
  chunk: 0,
  section: ["Trains"],
  page: null,
  characters: { from: 17, to: 49 },
  tokens: 8,
  text: "Trains are booked by the office.",
  marks: ["asks to ignore instructions"],
};

function open(writes = true) {
  const sent = vi.fn();
  serve({
    "GET /api/v1/auth/explain": () => ({
      body: {
        role: "member",
        scopes: null,
        decisions: [{ action: "knowledge:write", allowed: writes, decided_by: "", reason: "" }],
      },
    }),
    "GET /api/v1/kb/documents": () => ({ body: { items: [document], next_cursor: null } }),
    "POST /api/v1/kb/search": async (request) => {
      const { query } = await request.json();
      return { body: { query, mode: "full_text", note: "there is no embedding model", model: null, matches: [match] } };
    },
    "POST /api/v1/kb/documents": async (request) => {
      sent(await request.json());
      return { status: 422, body: { detail: "The text is empty.", code: "invalid_document", next_step: "Send some." } };
    },
    "POST /api/v1/kb/documents/upload": async (request) => {
      sent(new URL(request.url).search, await request.text());
      return { status: 201, body: { document, changed: true, task_id: null } };
    },
  });
  return { user: renderPart(<KnowledgePage />), sent };
}

it("finds with the place where it stands, says how, and marks what tries to instruct a model", async () => {
  const { user } = open();
  await user.type(screen.getByRole("searchbox", { name: "Search the documents" }), "Who books trains?");
  await user.click(screen.getByRole("button", { name: "Search" }));
  expect(await screen.findByRole("button", { name: "Travel policy: Trains" })).toBeInTheDocument();
  expect(screen.getByText(/by words\. there is no embedding model/)).toBeInTheDocument();
  expect(screen.getByText("tries to instruct a model: asks to ignore instructions")).toBeInTheDocument();
  expect(screen.getByText("characters 17 to 49 · words: 1")).toBeInTheDocument();
});

it("a text that is refused stays in the form", async () => {
  const { user, sent } = open();
  await user.click(await screen.findByRole("button", { name: "Add a document" }));
  const dialog = within(screen.getByRole("dialog"));
  await user.type(dialog.getByLabelText("Name"), "notes.md");
  await user.type(dialog.getByLabelText("Text"), "half typed");
  await user.click(dialog.getByRole("button", { name: "Keep it" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent("The text is empty.");
  expect(dialog.getByLabelText("Text")).toHaveValue("half typed");
  expect(sent).toHaveBeenCalledExactlyOnceWith({
    name: "notes.md",
    text: "half typed",
    tags: [],
    least_role: "viewer",
    redact_pii: true,
    chunk_tokens_max: 400,
  });
});

it("a file is sent as it is, with its name", async () => {
  const { user, sent } = open();
  await user.click(await screen.findByRole("button", { name: "Add a document" }));
  const dialog = within(screen.getByRole("dialog"));
  await user.selectOptions(dialog.getByLabelText("What is added"), "A file");
  await user.upload(dialog.getByLabelText("File"), new File(["# Travel"], "travel.md", { type: "text/markdown" }));
  await user.click(dialog.getByRole("button", { name: "Keep it" }));
  await vi.waitFor(() => expect(sent).toHaveBeenCalledOnce());
  expect(sent.mock.calls[0]?.[0]).toContain("name=travel.md");
  expect(sent.mock.calls[0]?.[1]).toBe("# Travel");
});

it("whoever may only read is offered no document to add", async () => {
  open(false);
  expect(await screen.findByText("Travel policy")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Add a document" })).not.toBeInTheDocument();
});
