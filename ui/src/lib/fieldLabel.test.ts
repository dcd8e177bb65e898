import { expect, it } from "vitest";
import { fieldLabel } from "./fieldLabel";

it("reads like words, with what is written in its own way", () => {
  expect(fieldLabel("annual_revenue")).toBe("Annual revenue");
  expect(fieldLabel("account_id")).toBe("Account ID");
  expect(fieldLabel("cpu_utilization")).toBe("CPU utilization");
  expect(fieldLabel("sessions_30d")).toBe("Sessions 30 days");
  expect(fieldLabel("name")).toBe("Name");
});

it("a name without words stays as it is", () => {
  expect(fieldLabel("_")).toBe("_");
  expect(fieldLabel("")).toBe("");
});
