// Puts another record to a thing: named, compared with it first, and then ruled to be the same.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { connectionsQuery } from "@/api/queries";
import { sumsOf } from "@/lib/pairEvidence";
import { text } from "@/text/golden";
import { Button } from "@/ui/Button";
import { Confidence } from "@/ui/Confidence";
import { Field, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { Evidence } from "./Evidence";
import { type Pair, type RecordName, usePairEvidence } from "./queries";

const REASON_CHARS_MAX = 2_000;

type Props = {
  entity: string;
  record: RecordName;
  busy: boolean;
  onJoin: (pair: Pair, reason: string) => void;
};

export function JoinForm({ entity, record, busy, onJoin }: Props) {
  const connections = useQuery(connectionsQuery);
  const [other, setOther] = useState<RecordName>({ source: "", record_id: "" });
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState<Pair | null>(null);
  const compared = usePairEvidence(asked);
  const name = ({ source, record_id }: RecordName) => `${source}/${record_id}`;
  const change = (next: Partial<RecordName>) => {
    setOther({ ...other, ...next });
    setAsked(null);
  };
  const compare = (event: FormEvent) => {
    event.preventDefault();
    setAsked({ entity, left: record, right: { source: other.source, record_id: other.record_id.trim() } });
  };
  return (
    <div className="grid gap-4">
      <form onSubmit={compare} className="grid items-end gap-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
        <SelectField
          label={text.otherSource}
          required
          value={other.source}
          onChange={(event) => change({ source: event.target.value })}
        >
          <option value="" />
          {(connections.data ?? []).map(({ id, name: source }) => (
            <option key={id} value={source}>
              {source}
            </option>
          ))}
        </SelectField>
        <Field
          label={text.otherRecord}
          required
          value={other.record_id}
          onChange={(event) => change({ record_id: event.target.value })}
        />
        <Button type="submit" disabled={compared.isFetching}>
          {compared.isFetching ? text.comparing : text.compare}
        </Button>
      </form>
      {asked && compared.isError && <Failure error={compared.error} />}
      {asked && compared.data && (
        <div className="grid gap-3">
          <p className="flex flex-wrap items-center gap-2 text-sm text-soft">
            {text.probability} <Confidence value={sumsOf(compared.data.evidence).probability} />
            {compared.data.golden_id && text.alreadyOne}
          </p>
          <Evidence left={name(asked.left)} right={name(asked.right)} evidence={compared.data.evidence} />
          <div className="flex flex-wrap items-end gap-4">
            <div className="min-w-56 flex-1">
              <Field
                label={text.reason}
                hint={text.reasonHint}
                maxLength={REASON_CHARS_MAX}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            </div>
            <Button tone="primary" disabled={busy} onClick={() => onJoin(asked, reason.trim())}>
              {text.same}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
