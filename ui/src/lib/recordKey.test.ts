import { describe, expect, it } from "vitest";
import { formatRecordKey, parseRecordKey } from "./recordKey";

describe("the open record in the address", () => {
  it("keeps an id with any sign in it", () => {
    const key = formatRecordKey("my crm", "a/b:%20");
    expect(parseRecordKey(key)).toEqual({ source: "my crm", id: "a/b:%20" });
  });

  it("is ignored when malformed", () => {
    expect(parseRecordKey("only-a-source")).toBeNull();
    expect(parseRecordKey("%E0%A4%A/x")).toBeNull();
  });
});
