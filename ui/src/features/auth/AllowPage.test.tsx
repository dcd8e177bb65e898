import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { renderLinked } from "@/test/render";
import { serve } from "@/test/server";
import { AllowPage } from "./AllowPage";
import { requestOf } from "./requestOf";

const query =
  "client_id=aosm_x&response_type=code&state=12345678901234567890&redirect_uri=http%3A%2F%2F127.0.0.1%3A7%2Fcb";
const hash = `#${btoa(query).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")}`;
const asked = {
  program: "Claude",
  vouched_by: null,
  leads_to: "127.0.0.1",
  tenant: "Acme",
  resource: "http://localhost/mcp",
  lasts_s: 2_592_000,
  scopes: [
    { scope: "records:read", what: "read unified records", yours: true },
    { scope: "graph:read", what: "see the picture", yours: true },
    { scope: "personal:read", what: "see personal data", yours: false },
  ],
};
const decided = vi.fn();
const left = vi.fn();

function open(answer: object = { asked, send_back: null }) {
  serve({
    "GET /api/v1/auth/programs/request": () => ({ body: answer }),
    "POST /api/v1/auth/programs": async (request) => {
      decided(await request.json());
      return { body: { send_back: "http://127.0.0.1:7/cb?code=c" } };
    },
  });
  return renderLinked(<AllowPage />);
}

beforeEach(() => {
  decided.mockClear();
  left.mockClear();
  window.history.replaceState(null, "", `/allow${hash}`);
  vi.stubGlobal("location", { ...window.location, hash, origin: window.location.origin, assign: left });
});

describe("the page that asks for a program", () => {
  it("hands on what the program said to the letter", () => {
    expect(requestOf(hash)).toEqual({
      client_id: "aosm_x",
      response_type: "code",
      state: "12345678901234567890",
      redirect_uri: "http://127.0.0.1:7/cb",
    });
    expect(requestOf("#%%%")).toBeNull();
    expect(requestOf("")).toBeNull();
  });

  it("says who asks and where the answer goes, and allows only what is chosen", async () => {
    const user = open();
    expect(await screen.findByText("Claude asks for access to the data of Acme.")).toBeInTheDocument();
    expect(screen.getByText(/Anybody may give a program this name/)).toBeInTheDocument();
    expect(screen.getByText("Your answer goes to 127.0.0.1.")).toBeInTheDocument();
    expect(screen.getByRole("checkbox", { name: /see personal data/ })).toBeDisabled();
    await user.click(screen.getByRole("checkbox", { name: "see the picture" }));
    await user.click(screen.getByRole("button", { name: "Allow" }));
    await vi.waitFor(() => expect(left).toHaveBeenCalledExactlyOnceWith("http://127.0.0.1:7/cb?code=c"));
    expect(decided).toHaveBeenCalledExactlyOnceWith({
      request: requestOf(hash),
      allow: true,
      scopes: ["records:read"],
    });
  });

  it("takes a refusal to the program, too", async () => {
    const user = open();
    await user.click(await screen.findByRole("button", { name: "Refuse" }));
    await vi.waitFor(() => expect(left).toHaveBeenCalledOnce());
    expect(decided).toHaveBeenCalledExactlyOnceWith({ request: requestOf(hash), allow: false, scopes: [] });
  });

  it("asks nobody about what cannot be granted", async () => {
    const user = open({ asked: null, send_back: "http://127.0.0.1:7/cb?error=invalid_target" });
    await user.click(await screen.findByRole("button", { name: "Go back to the program" }));
    expect(left).toHaveBeenCalledExactlyOnceWith("http://127.0.0.1:7/cb?error=invalid_target");
    expect(screen.queryByRole("button", { name: "Allow" })).not.toBeInTheDocument();
  });
});
