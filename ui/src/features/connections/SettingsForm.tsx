// The settings of one connector, drawn from its declaration. What was typed stays whatever the server answers.
import { useNavigate } from "@tanstack/react-router";
import { ArrowLeft, ExternalLink } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { proposalOf } from "@/api/assets";
import type { ConnectorInfo } from "@/api/types";
import { text as all } from "@/text/connections";
import { Button } from "@/ui/Button";
import { CheckRow } from "@/ui/CheckRow";
import { Field, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import type { Preset } from "./presets";
import { useAdd, usePropose } from "./queries";
import { SettingField } from "./SettingField";
import { configOf, inOrder, mistakeIn, type Typed } from "./settingsForm";

const text = all.wizard;

type Props = {
  connector: ConnectorInfo;
  /** Whether a look at a sample is what is wanted first. */
  proposing: boolean;
  /** What the discovery service found, where that is what is proposed. */
  found?: ReturnType<typeof proposalOf> | undefined;
  /** What stands in the form to begin with. */
  preset?: Preset | undefined;
  onBack: () => void;
  /** `leave` says that its owner has to give leave before it can be read. */
  onAdded: (id: string, name: string, leave: boolean) => void;
};

export function SettingsForm({ connector, proposing, found, preset, onBack, onAdded }: Props) {
  const [name, setName] = useState(found?.name ?? preset?.name ?? (connector.name === "file" ? "" : connector.name));
  const [typed, setTyped] = useState<Typed>(preset?.settings ?? {});
  const [locator, setLocator] = useState("");
  const [safeMode, setSafeMode] = useState(proposing);
  const [add, propose] = [useAdd(), usePropose()];
  const navigate = useNavigate();
  const busy = add.isPending || propose.isPending;
  const failed = safeMode ? propose.error : add.error;
  const mistaken = connector.settings.some((setting) => mistakeIn(setting, typed) !== null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (mistaken) return;
    const wanted = {
      name: name.trim(),
      connector: connector.name,
      config: configOf(connector.settings, typed),
      ...(locator && { credential_locator: locator }),
    };
    if (safeMode) {
      propose.mutate(
        { ...found, ...wanted },
        {
          onSuccess: (intent) => void navigate({ to: "/discovery", search: { intent: intent.id } }),
        },
      );
    } else {
      add.mutate(wanted, {
        onSuccess: (added) => onAdded(added.id, added.name, locator !== "" || typed.auth === "authorization_code"),
      });
    }
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div>
        <h3 className="text-lg font-bold">{text.leadFill(connector.title)}</h3>
        <p className="mt-1 text-soft">{connector.about}</p>
        {connector.documentation && (
          <a
            href={connector.documentation}
            target="_blank"
            rel="noreferrer"
            className="mt-1 inline-flex items-center gap-1.5 text-sm font-semibold text-accent underline-offset-4 hover:underline"
          >
            {text.documentation} <ExternalLink aria-hidden="true" className="size-4" />
          </a>
        )}
      </div>
      <Field
        label={text.name}
        hint={text.nameHint}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {inOrder(connector.settings).map((setting) => (
        <SettingField
          key={setting.name}
          setting={locator && setting.kind === "secret" ? { ...setting, required: false } : setting}
          value={typed[setting.name] ?? ""}
          mistake={mistakeIn(setting, typed)}
          onChange={(value) => setTyped({ ...typed, [setting.name]: value })}
        />
      ))}
      {connector.auth.includes("authorization_code") && (
        <SelectField
          label={text.locator}
          hint={text.locatorHint}
          value={locator}
          onChange={(event) => setLocator(event.target.value)}
        >
          <option value="">{text.locators.none}</option>
          <option value="consent:">{text.locators["consent:"]}</option>
        </SelectField>
      )}
      <CheckRow label={text.safeMode} checked={safeMode} onChange={setSafeMode}>
        <span className="block font-semibold">{text.safeMode}</span>
        <span className="block text-sm text-faint">{text.safeModeHint}</span>
      </CheckRow>
      {failed && <Failure error={failed} />}
      <div className="flex flex-wrap justify-between gap-2">
        <Button onClick={onBack}>
          <ArrowLeft aria-hidden="true" className="size-4" /> {text.back}
        </Button>
        <Button type="submit" tone="primary" disabled={busy || mistaken}>
          {safeMode ? (busy ? text.proposing : text.propose) : busy ? text.saving : text.save}
        </Button>
      </div>
    </form>
  );
}
