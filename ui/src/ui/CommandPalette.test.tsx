import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { renderPart } from "@/test/render";
import { CommandPalette } from "./CommandPalette";

const words = { title: "Go to", placeholder: "…", nothing: "Nothing is called that.", hint: "" };

function open() {
  const [home, records, onClose] = [vi.fn(), vi.fn(), vi.fn()];
  const commands = [
    { id: "1", group: "Pages", label: "Home", run: home },
    { id: "2", group: "Pages", label: "Records", run: records },
  ];
  const user = renderPart(<CommandPalette commands={commands} icons={{}} words={words} onClose={onClose} />);
  return { user, home, records, onClose, field: screen.getByRole("combobox") };
}

it("is driven by the keyboard alone", async () => {
  const { user, records, onClose, field } = open();
  await user.click(field);
  await user.keyboard("{ArrowDown}");
  expect(field).toHaveAttribute("aria-activedescendant", screen.getByRole("option", { name: "Records" }).id);
  await user.keyboard("{Enter}");
  expect(records).toHaveBeenCalledOnce();
  expect(onClose).toHaveBeenCalledOnce();
});

it("goes around at the end", async () => {
  const { user, home, field } = open();
  await user.click(field);
  await user.keyboard("{ArrowUp}{ArrowUp}{Enter}");
  expect(home).toHaveBeenCalledOnce();
});

it("says when nothing fits, and Enter then does nothing", async () => {
  const { user, home, records, field } = open();
  await user.type(field, "moon{Enter}");
  expect(screen.getByText(words.nothing)).toBeInTheDocument();
  expect(home).not.toHaveBeenCalled();
  expect(records).not.toHaveBeenCalled();
});
