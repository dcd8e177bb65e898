// What becomes of a table's records when its source changes, said beforehand: rules by column and by kind of change.
import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useMay } from "@/api/permissions";
import { text as all } from "@/text/connections";
import { text as parts } from "@/text/parts";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { ACTIONS, CHANGES, contractOf, NEW_RULE, type WrittenRule, writtenRules } from "./contract";
import { contractQuery, useSetContract } from "./queries";

const text = all.contract;

type Props = { connection: string; stream: string; onClose: () => void };

export function ContractDialog({ connection, stream, onClose }: Props) {
  const contract = useQuery(contractQuery(connection, stream));
  return (
    <Dialog wide title={text.title(stream)} lead={text.lead} onClose={onClose}>
      <Query query={contract} loading={text.loading}>
        {({ rules }) => (
          <ContractForm first={writtenRules(rules)} connection={connection} stream={stream} onClose={onClose} />
        )}
      </Query>
    </Dialog>
  );
}

function ContractForm({ first, connection, stream, onClose }: Props & { first: WrittenRule[] }) {
  const may = useMay("drift:decide") === true;
  const set = useSetContract();
  const [rules, setRules] = useState(first);
  const change = (at: number, part: Partial<WrittenRule>) =>
    setRules(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(
      { id: connection, stream, contract: contractOf(rules) },
      {
        onSuccess: () => {
          toast.done(text.saved(stream));
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {rules.length === 0 && <p className="text-soft">{text.none}</p>}
      <ul className="grid gap-3">
        {rules.map((rule, at) => (
          <RuleRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no name, and stays where it is until it is removed
            key={at}
            rule={rule}
            disabled={!may}
            onChange={(part) => change(at, part)}
            onRemove={() => setRules(rules.filter((_, index) => index !== at))}
          />
        ))}
      </ul>
      {set.isError && <Failure error={set.error} />}
      <div className="flex flex-wrap gap-2">
        {may && (
          <Button small onClick={() => setRules([...rules, NEW_RULE])}>
            <Plus aria-hidden="true" className="size-4" /> {text.add}
          </Button>
        )}
        <Button small className="ml-auto" onClick={onClose}>
          {parts.cancel}
        </Button>
        {may && (
          <Button small type="submit" tone="primary" disabled={set.isPending}>
            {text.save}
          </Button>
        )}
      </div>
    </form>
  );
}

type RowProps = {
  rule: WrittenRule;
  disabled: boolean;
  onChange: (part: Partial<WrittenRule>) => void;
  onRemove: () => void;
};

function RuleRow({ rule, disabled, onChange, onRemove }: RowProps) {
  const select = `${inputClass} min-h-10 min-w-0 text-sm`;
  return (
    <li className="grid items-center gap-2 rounded-xl border border-line p-3 sm:grid-cols-[1fr_1fr_1fr_auto]">
      <select
        aria-label={text.change}
        className={select}
        value={rule.change}
        disabled={disabled}
        onChange={(event) => onChange({ change: event.target.value })}
      >
        <option value="">{text.anyChange}</option>
        {CHANGES.map((name) => (
          <option key={name} value={name}>
            {text.changes[name]}
          </option>
        ))}
      </select>
      <input
        aria-label={text.path}
        placeholder={text.anyPath}
        className={`${select} font-mono`}
        value={rule.path}
        disabled={disabled}
        onChange={(event) => onChange({ path: event.target.value })}
      />
      <select
        aria-label={text.action}
        className={select}
        value={rule.action}
        disabled={disabled}
        onChange={(event) => onChange({ action: event.target.value })}
      >
        {ACTIONS.map((name) => (
          <option key={name} value={name}>
            {text.actions[name]}
          </option>
        ))}
      </select>
      {!disabled && (
        <button
          type="button"
          aria-label={text.remove}
          onClick={onRemove}
          className="grid size-10 place-items-center rounded-xl text-soft hover:bg-raised hover:text-ink"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      )}
    </li>
  );
}
