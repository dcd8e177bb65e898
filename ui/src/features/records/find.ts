// Where a few words may stand in the records of an entity: in what they are called, in their address, or as their id. Pure.
import type { OntologyEntity } from "@/api/types";
import { formatFilter } from "./search";

/** Filters that all have to hold; several ways are tried beside each other. */
export type Way = string[];

const NAMES = ["name", "subject", "title"];

export function waysTo(entity: OntologyEntity, words: string): Way[] {
  const wanted = words.trim();
  if (wanted === "") return [];
  const has = (name: string) => entity.fields.some((field) => field.name === name);
  const holds = (field: string, value: string) => formatFilter({ field, operator: "contains", value });
  const ways: Way[] = [];
  const called = NAMES.find(has);
  // A person's title is a job, and not what the person is called.
  if (called && !(called === "title" && has("last_name"))) ways.push([holds(called, wanted)]);
  if (has("first_name") && has("last_name")) ways.push(...personWays(wanted, holds));
  if (has("email") && !/\s/.test(wanted)) ways.push([holds("email", wanted)]);
  ways.push([formatFilter({ field: entity.key, operator: "eq", value: wanted })]);
  return ways;
}

/** A person is named by either name, or by both. */
function personWays(wanted: string, holds: (field: string, value: string) => string): Way[] {
  const [first = "", ...rest] = wanted.split(/\s+/);
  if (rest.length === 0) return [[holds("last_name", wanted)], [holds("first_name", wanted)]];
  return [[holds("first_name", first), holds("last_name", rest.join(" "))], [holds("last_name", wanted)]];
}
