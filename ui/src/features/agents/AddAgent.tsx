// The form of an agent of the tenant's own: what it is called, the key it acts with, and how far it may go.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { AgentSettings } from "@/api/types";
import { text } from "@/text/agents";
import { text as parts } from "@/text/parts";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { MODES } from "./modes";
import { agentKeysQuery, useSetAgent } from "./queries";

const NAME_CHARS_MAX = 100;
const ID_PATTERN = "[a-z0-9_]{1,64}";

export function AddAgent({ onClose }: { onClose: () => void }) {
  const keys = useQuery(agentKeysQuery);
  const set = useSetAgent();
  const [wish, setWish] = useState({ id: "", name: "", description: "", api_key: "", mode: "recommend" });
  const bind = (part: keyof typeof wish) => ({
    value: wish[part],
    onChange: (event: { target: { value: string } }) => setWish({ ...wish, [part]: event.target.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { id, api_key, ...rest } = wish;
    const settings = { ...rest, api_key: api_key || null, enabled: true } as AgentSettings;
    set.mutate(
      { id, settings },
      {
        onSuccess: () => {
          toast.done(text.added(wish.name));
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={text.add} lead={text.addLead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={text.name} required maxLength={NAME_CHARS_MAX} autoComplete="off" {...bind("name")} />
        <Field
          label={text.id}
          hint={text.idHint}
          required
          pattern={ID_PATTERN}
          autoComplete="off"
          className="font-mono"
          {...bind("id")}
        />
        <Field label={text.description} maxLength={500} autoComplete="off" {...bind("description")} />
        <SelectField label={text.key} {...bind("api_key")}>
          <option value="">{text.noKey}</option>
          {keys.data?.map((key) => (
            <option key={key.id} value={key.id}>
              {text.keyOf(key.name, key.ending)}
            </option>
          ))}
        </SelectField>
        {keys.data?.length === 0 && (
          <p className="text-sm text-soft">
            {text.noKeys}{" "}
            <Link
              to="/settings/$section"
              params={{ section: "keys" }}
              className="font-semibold text-accent underline underline-offset-4"
            >
              {text.mcpKeys}
            </Link>
          </p>
        )}
        <SelectField label={text.mode} {...bind("mode")} hint={text.modes[wish.mode]?.[1] ?? ""}>
          {MODES.map((mode) => (
            <option key={mode} value={mode}>
              {text.modes[mode]?.[0]}
            </option>
          ))}
        </SelectField>
        {set.isError && <Failure error={set.error} />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="primary" disabled={set.isPending}>
            {text.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
