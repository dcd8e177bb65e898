import { describe, expect, it } from "vitest";
import {
  formatAgo,
  formatConfidence,
  formatDollars,
  formatDuration,
  formatMoney,
  formatShare,
  formatStopwatch,
  formatValue,
  groupThousands,
  plural,
} from "./format";

describe("values", () => {
  it("groups an exact decimal without passing through a float", () => {
    expect(formatValue("12345678901234567890.123456789", "decimal")).toBe("12,345,678,901,234,567,890.123456789");
    expect(groupThousands("-1000.50")).toBe("-1,000.50");
  });

  it("leaves a number that is not a plain decimal as it is", () => {
    expect(groupThousands("1e400")).toBe("1e400");
  });

  it("shows zero, false and the empty string as the values they are", () => {
    expect(formatValue(0, "integer")).toBe("0");
    expect(formatValue(false, "boolean")).toBe("no");
    expect(formatValue("", "string")).toBe("");
  });

  it("keeps the day of a date whatever the time zone", () => {
    expect(formatValue("2026-03-01", "date")).toBe("1 Mar 2026");
  });

  it("never shows an object as raw JSON", () => {
    expect(formatValue({ file: "a.csv", line: 3 })).toBe("file: a.csv · line: 3");
  });

  it("shows text that is not a date as it came", () => {
    expect(formatValue("soon", "datetime")).toBe("soon");
  });
});

describe("money", () => {
  it("is shown as people read it", () => {
    expect(formatMoney("48120.504", "USD")).toBe("48,121 USD");
    expect(formatMoney("12.3", "EUR")).toBe("12.30 EUR");
    expect(formatMoney("-7", "EUR")).toBe("-7 EUR");
    expect(formatMoney("not a number", "EUR")).toBe("not a number EUR");
  });

  it("is never nothing when it is a little", () => {
    expect(formatDollars(0)).toBe("$0");
    expect(formatDollars(420)).toBe("less than $0.01");
    expect(formatDollars(1_234_567_890)).toBe("$1,234.57");
  });
});

describe("confidence", () => {
  it("does not round an uncertain mapping up to certainty", () => {
    expect(formatConfidence(0.9996)).toBe("0.99");
    expect(formatConfidence(1)).toBe("1.00");
    expect(formatConfidence(0.7)).toBe("0.70");
  });
});

describe("time", () => {
  it("agrees between the stopwatch and the duration", () => {
    expect(formatStopwatch(2_650)).toBe("00:02.7");
    expect(formatDuration(2_650)).toBe("2.7 s");
    expect(formatStopwatch(61_000)).toBe("01:01.0");
    expect(formatDuration(143)).toBe("143 ms");
    expect(formatDuration(125_000)).toBe("2 min 5 s");
  });
});

it("counts in words", () => {
  expect(plural(1, "table")).toBe("1 table");
  expect(plural(1200, "entity", "entities")).toBe("1,200 entities");
});

it("tells how long ago something was", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(formatAgo("2026-11-21T11:59:50Z", now)).toBe("just now");
  expect(formatAgo("2026-11-21T10:30:00Z", now)).toBe("1 hour ago");
  expect(formatAgo("2026-11-24T12:00:00Z", now)).toBe("in 3 days");
});

it("does not call 99.97 percent all", () => {
  expect(formatShare(0.9997)).toBe("99.9 %");
  expect(formatShare(1)).toBe("100 %");
  expect(formatShare(0.5)).toBe("50 %");
});
