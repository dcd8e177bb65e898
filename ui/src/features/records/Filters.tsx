// Filters as removable chips, and the form that adds one.
import { clsx } from "clsx";
import { Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { fieldLabel } from "@/lib/fieldLabel";
import { text as say } from "@/text/records";
import { Button } from "@/ui/Button";
import { inputClass } from "@/ui/Field";
import { describeFilter, formatFilter, OPERATOR_WORDS, OPERATORS, type Operator, parseFilter } from "./search";

type Props = {
  fields: string[];
  filters: string[];
  total: number | undefined;
  onChange: (filters: string[]) => void;
};

export function Filters({ fields, filters, total, onChange }: Props) {
  const [field, setField] = useState(fields.includes("name") ? "name" : (fields[0] ?? ""));
  const [operator, setOperator] = useState<Operator>("contains");
  const [value, setValue] = useState("");
  const needsValue = operator !== "is_null";

  const add = (event: FormEvent) => {
    event.preventDefault();
    if (needsValue && value.trim() === "") return;
    const filter = formatFilter({ field, operator, value: value.trim() });
    if (!filters.includes(filter)) onChange([...filters, filter]);
    setValue("");
  };

  return (
    <div className="grid gap-3">
      <form onSubmit={add} className="grid grid-cols-2 items-center gap-2 text-sm sm:flex sm:flex-wrap">
        <select
          aria-label={say.fieldToFilterBy}
          value={field}
          onChange={(event) => setField(event.target.value)}
          className={clsx(inputClass, "min-h-10 min-w-0 sm:w-48")}
        >
          {["_source", ...fields].map((name) => (
            <option key={name} value={name}>
              {fieldLabel(name)}
            </option>
          ))}
        </select>
        <select
          aria-label={say.comparison}
          value={operator}
          onChange={(event) => setOperator(event.target.value as Operator)}
          className={clsx(inputClass, "min-h-10 min-w-0 sm:w-40")}
        >
          {OPERATORS.map((name) => (
            <option key={name} value={name}>
              {OPERATOR_WORDS[name]}
            </option>
          ))}
        </select>
        {needsValue && (
          <input
            aria-label={say.value}
            placeholder={say.value}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            className={clsx(inputClass, "col-span-2 min-h-10 sm:w-56")}
          />
        )}
        <Button type="submit" small className="min-h-10">
          <Plus aria-hidden="true" className="size-4" /> {say.addFilter}
        </Button>
        {total !== undefined && (
          <span className="num ml-auto text-right font-semibold text-soft">{say.recordCount(total)}</span>
        )}
      </form>
      {filters.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {filters.map((text) => {
            const filter = parseFilter(text);
            return filter ? (
              <li
                key={text}
                className="flex max-w-full items-center rounded-full border border-line-strong bg-raised pl-3 text-sm"
              >
                <span className="truncate">{describeFilter(filter)}</span>
                <button
                  type="button"
                  className="grid size-8 place-items-center rounded-full text-soft hover:text-ink"
                  aria-label={say.removeTheFilter(describeFilter(filter))}
                  onClick={() => onChange(filters.filter((other) => other !== text))}
                >
                  <X aria-hidden="true" className="size-3.5" />
                </button>
              </li>
            ) : null;
          })}
        </ul>
      )}
    </div>
  );
}
