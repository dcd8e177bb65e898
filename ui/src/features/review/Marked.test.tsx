import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { renderPart } from "@/test/render";
import { serve } from "@/test/server";
import { Marked } from "./Marked";

it("several items are decided alike by one request, which is asked about first", async () => {
  const [sent, done] = [vi.fn(), vi.fn()];
  serve({
    "POST /api/v1/reviews/decide": async (request) => {
      sent(await request.json());
      return { body: { items: [] } };
    },
  });
  const user = renderPart(<Marked ids={["a", "b"]} onDone={done} />);
  expect(screen.getByText("2 marked")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Approve them" }));
  expect(sent).not.toHaveBeenCalled();
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Approve them" }));
  await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
  expect(sent).toHaveBeenCalledExactlyOnceWith({ decision: "approve", ids: ["a", "b"] });
});

it("what was refused stays marked", async () => {
  const done = vi.fn();
  serve({
    "POST /api/v1/reviews/decide": () => ({
      status: 409,
      body: { detail: "It was changed meanwhile.", code: "conflict" },
    }),
  });
  const user = renderPart(<Marked ids={["a"]} onDone={done} />);
  await user.click(screen.getByRole("button", { name: "Reject them" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Reject them" }));
  expect(await screen.findByText(/It was changed meanwhile/)).toBeInTheDocument();
  expect(done).not.toHaveBeenCalled();
});
