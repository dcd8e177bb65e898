// One setting of a connector as the field that fits its kind.
import { clsx } from "clsx";
import { useId } from "react";
import type { ConnectorSetting } from "@/api/types";
import { text as all } from "@/text/connections";
import { inputClass } from "@/ui/Field";

const text = all.wizard;

type Props = { setting: ConnectorSetting; value: string; mistake: string | null; onChange: (value: string) => void };

export function SettingField({ setting, value, mistake, onChange }: Props) {
  const id = useId();
  const common = {
    id,
    value,
    required: setting.required,
    "aria-invalid": mistake !== null,
    "aria-describedby": `${id}-hint`,
  };
  const change = (event: { target: { value: string } }) => onChange(event.target.value);
  return (
    <div className="grid gap-1.5" data-setting={setting.name}>
      <label htmlFor={id} className="flex flex-wrap items-baseline gap-x-2 text-sm font-semibold">
        {setting.title}
        <span className="text-xs font-medium text-faint">{setting.required ? text.required : text.optional}</span>
      </label>
      {setting.kind === "choice" || setting.kind === "boolean" ? (
        <select {...common} onChange={change} className={clsx(inputClass, "min-h-11")}>
          <option value="">{text.byDefault}</option>
          {setting.kind === "boolean" ? (
            <>
              <option value="true">{text.on}</option>
              <option value="false">{text.off}</option>
            </>
          ) : (
            setting.choices?.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))
          )}
        </select>
      ) : setting.kind === "list" ? (
        <textarea
          {...common}
          onChange={change}
          rows={3}
          spellCheck={false}
          className={clsx(inputClass, "py-2.5 font-mono")}
        />
      ) : (
        <input
          {...common}
          onChange={change}
          spellCheck={false}
          type={setting.kind === "secret" ? "password" : "text"}
          autoComplete={setting.kind === "secret" ? "new-password" : "off"}
          inputMode={setting.kind === "integer" ? "numeric" : undefined}
          className={clsx(inputClass, "min-h-11", setting.kind !== "text" && "font-mono")}
        />
      )}
      <p id={`${id}-hint`} className={clsx("text-sm break-words", mistake ? "text-bad" : "text-faint")}>
        {mistake ?? hintOf(setting)}
      </p>
    </div>
  );
}

function hintOf({ help, kind }: ConnectorSetting): string {
  if (kind === "secret") return `${help} ${text.secretHint}`;
  return kind === "list" ? `${help} ${text.listHint}` : help;
}
