// What people call a record: its name, in one piece or in two, or its subject. Pure.

/** Reads a field as text; empty where there is nothing. */
type Read = (field: string) => string;

/** Fields that name a record by themselves, the best first. A contact's title is no name but a job. */
const IN_ONE_PIECE = ["name", "subject"];

/** Returns what people call a record, or nothing when it has an id only. */
export function nameFrom(read: Read): string | null {
  const inTwo = `${read("first_name")} ${read("last_name")}`.trim();
  return read("name") || inTwo || read("subject") || read("email") || null;
}

/** Puts what people read before what refers to something else, and leaves each in its order. */
export function namesFirst<Field extends { name: string }>(fields: readonly Field[]): Field[] {
  const refers = ({ name }: Field) => name.endsWith("_id");
  return [...fields.filter((field) => !refers(field)), ...fields.filter(refers)];
}

/** Returns the field that records are ordered by when they are ordered by name. */
export function namingField(fields: readonly string[]): string | undefined {
  return [...IN_ONE_PIECE, "last_name", "email"].find((field) => fields.includes(field));
}
