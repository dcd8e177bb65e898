// What a field is called where people read it: the ontology's name in words. Pure.
import { words } from "./format";

/** Parts of names that are written in a way of their own. */
const WRITTEN: Record<string, string> = {
  id: "ID",
  url: "URL",
  cpu: "CPU",
  vcpus: "vCPUs",
  db: "DB",
  gb: "GB",
  mb: "MB",
  sla: "SLA",
  ip: "IP",
  "30d": "30 days",
};

/** Names the field `annual_revenue` "Annual revenue" and `account_id` "Account ID". */
export function fieldLabel(name: string): string {
  const [first = "", ...rest] = name.split("_").filter(Boolean);
  const written = [WRITTEN[first] ?? words(first), ...rest.map((part) => WRITTEN[part] ?? part)].join(" ");
  return written === "" ? name : written;
}
