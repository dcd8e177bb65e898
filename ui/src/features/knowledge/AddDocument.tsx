// Adds a document: a text, an address that the server reads, or a file. What was typed stays whatever the server answers.
import { type FormEvent, useState } from "react";
import type { Role } from "@/api/types";
import { text } from "@/text/knowledge";
import { text as parts } from "@/text/parts";
import { Button } from "@/ui/Button";
import { CheckRow } from "@/ui/CheckRow";
import { Dialog } from "@/ui/Dialog";
import { Field, inputClass, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { type NewDocument, useAdd } from "./queries";

const WAYS = ["text", "file", "url"] as const;
type Way = (typeof WAYS)[number];

export function AddDocument({ onClose }: { onClose: () => void }) {
  const [way, setWay] = useState<Way>("text");
  const [form, setForm] = useState({ name: "", body: "", url: "", tags: "" });
  const [file, setFile] = useState<File | null>(null);
  const [redact, setRedact] = useState(true);
  const [leastRole, setLeastRole] = useState<Role>("viewer");
  const add = useAdd();
  const bind = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const document = documentOf(way, form, file);
    if (!document) return;
    const tags = form.tags
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean);
    add.mutate(
      { ...document, tags, least_role: leastRole, redact_pii: redact },
      {
        onSuccess: ({ document: kept }) => {
          toast.done(kept ? text.kept(kept.title) : text.fetching);
          onClose();
        },
      },
    );
  };

  return (
    <Dialog title={text.add} onClose={onClose} wide>
      <form onSubmit={submit} className="grid gap-4">
        <SelectField label={text.way} value={way} onChange={(event) => setWay(event.target.value as Way)}>
          {WAYS.map((name) => (
            <option key={name} value={name}>
              {text.ways[name]}
            </option>
          ))}
        </SelectField>
        {way === "text" && (
          <>
            <Field label={text.name} hint={text.nameHint} required maxLength={1000} {...bind("name")} />
            <label className="grid gap-1.5">
              <span className="text-sm font-semibold">{text.body}</span>
              <textarea required rows={8} className={`${inputClass} py-2.5`} {...bind("body")} />
            </label>
          </>
        )}
        {way === "url" && (
          <Field label={text.url} hint={text.urlHint} type="url" required maxLength={2000} {...bind("url")} />
        )}
        {way === "file" && (
          <Field
            label={text.file}
            hint={text.fileHint}
            type="file"
            accept=".txt,.md,.html,.htm,.pdf,.csv"
            className="py-2"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        )}
        <Field label={text.tags} hint={text.tagsHint} {...bind("tags")} />
        <SelectField
          label={text.leastRole}
          value={leastRole}
          onChange={(event) => setLeastRole(event.target.value as Role)}
        >
          {Object.entries(text.roles).map(([role, who]) => (
            <option key={role} value={role}>
              {who}
            </option>
          ))}
        </SelectField>
        <CheckRow label={text.redact} checked={redact} onChange={setRedact}>
          <span className="block font-semibold">{text.redact}</span>
          <span className="block text-sm text-faint">{text.redactHint}</span>
        </CheckRow>
        {add.isError && <Failure error={add.error} />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="primary" disabled={add.isPending || (way === "file" && file === null)}>
            {add.isPending ? text.keeping : text.keep}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type Typed = { name: string; body: string; url: string };
type Content =
  | Pick<Extract<NewDocument, { kind: "text" }>, "kind" | "name" | "text">
  | { kind: "url"; url: string }
  | { kind: "file"; file: File };

function documentOf(way: Way, typed: Typed, file: File | null): Content | null {
  if (way === "text") return { kind: "text", name: typed.name.trim(), text: typed.body };
  if (way === "url") return { kind: "url", url: typed.url.trim() };
  return file && { kind: "file", file };
}
