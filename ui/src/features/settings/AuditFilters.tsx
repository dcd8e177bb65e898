// What of the audit trail is to be seen. The filters stand in the page's address.
import { text as all } from "@/text/settings";
import { Button } from "@/ui/Button";
import { inputClass } from "@/ui/Field";
import type { AuditFilter } from "./queries";

const text = all.audit;
const fieldClass = `${inputClass} min-h-10 min-w-0 text-sm sm:w-auto`;

type Props = { filter: AuditFilter; people: [string, string][]; onChange: (filter: AuditFilter) => void };

export function AuditFilters({ filter, people, onChange }: Props) {
  const set = (part: AuditFilter) => onChange({ ...filter, ...part });
  const filtered = Object.values(filter).some(Boolean);
  return (
    <div className="grid grid-cols-2 items-end gap-2 border-y border-line px-5 py-4 sm:flex sm:flex-wrap">
      <select
        aria-label={text.action}
        className={fieldClass}
        value={filter.action ?? ""}
        onChange={(event) => set({ action: event.target.value || undefined })}
      >
        <option value="">{text.allActions}</option>
        {Object.entries(text.kinds).map(([prefix, words]) => (
          <option key={prefix} value={prefix}>
            {words}
          </option>
        ))}
      </select>
      <select
        aria-label={text.principal}
        className={fieldClass}
        value={filter.principal ?? ""}
        onChange={(event) => set({ principal: event.target.value || undefined })}
      >
        <option value="">{text.everybody}</option>
        {people.map(([principal, name]) => (
          <option key={principal} value={principal}>
            {name}
          </option>
        ))}
      </select>
      {(["since", "until"] as const).map((name) => (
        <label key={name} className="flex items-center gap-2 text-sm text-soft">
          {text[name]}
          <input
            type="date"
            className={fieldClass}
            value={filter[name] ?? ""}
            onChange={(event) => set({ [name]: event.target.value || undefined })}
          />
        </label>
      ))}
      {filtered && (
        <Button small onClick={() => onChange({})}>
          {text.clear}
        </Button>
      )}
    </div>
  );
}
