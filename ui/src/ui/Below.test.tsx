import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Below } from "./Below";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const answers = new Map<string, (answer: string) => void>();

/** Shows what it has read, and with it a part that reads something else. */
function Part({ name, then }: { name: string; then?: string }) {
  const { data } = useQuery({
    queryKey: [name],
    queryFn: () => new Promise<string>((resolve) => answers.set(name, resolve)),
  });
  if (!data) return <p>loading {name}</p>;
  return (
    <>
      <p>{data}</p>
      {then && <Part name={then} />}
    </>
  );
}

function open(above: React.ReactNode, besideOn?: string) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      {above}
      <Below {...(besideOn !== undefined && { besideOn })}>
        <p>below</p>
      </Below>
    </QueryClientProvider>,
  );
}

const answer = (name: string) =>
  act(async () => {
    answers.get(name)?.(name);
    await vi.advanceTimersByTimeAsync(100);
  });
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

it("what stands below is drawn when what is above has arrived, with what that asks for in turn", async () => {
  open(<Part name="first" then="second" />);
  await pass(500);
  expect(screen.queryByText("below")).toBeNull();
  await answer("first");
  expect(screen.getByText("loading second")).toBeInTheDocument();
  expect(screen.queryByText("below")).toBeNull();
  await answer("second");
  expect(screen.getByText("below")).toBeInTheDocument();
});

it("nobody waits forever for what does not come", async () => {
  open(<Part name="never" />);
  await pass(2_900);
  expect(screen.queryByText("below")).toBeNull();
  await pass(200);
  expect(screen.getByText("below")).toBeInTheDocument();
});

it("where it stands beside and not below, it waits for nothing", async () => {
  const screens = vi.fn((query: string) => ({ matches: query === "wide" }));
  vi.stubGlobal("matchMedia", screens);
  open(<Part name="never" />, "wide");
  expect(screen.getByText("below")).toBeInTheDocument();
});

it("where the screen is too narrow for that, it waits as ever", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  open(<Part name="never" />, "wide");
  await pass(500);
  expect(screen.queryByText("below")).toBeNull();
});
