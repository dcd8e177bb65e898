// How far repairs go without a person, in the organisation's own words, and what that comes to right now.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useMay } from "@/api/permissions";
import type { DriftPolicy } from "@/api/types";
import { formatConfidence } from "@/lib/format";
import { text as all } from "@/text/review";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field, SelectField } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { type Policy, policyQuery, useSetPolicy } from "./queries";

const text = all.policy;
const MODES = Object.keys(text.modes) as Policy["autonomy"][];

export function PolicyCard() {
  const policy = useQuery(policyQuery);
  return (
    <Card title={text.title}>
      <Query query={policy} loading={text.loading}>
        {(known) => <PolicyForm known={known} key={versionOf(known)} />}
      </Query>
    </Card>
  );
}

/** Changes with the policy and not with every read of it, so that nothing that is being typed is lost. */
const versionOf = ({ autonomy, auto_from, review_from, auto_per_day }: DriftPolicy): string =>
  [autonomy, auto_from, review_from, auto_per_day].join();

function PolicyForm({ known }: { known: DriftPolicy }) {
  const manages = useMay("drift:manage") === true;
  const [form, setForm] = useState({
    autonomy: known.autonomy ?? "auto",
    auto_from: String(known.auto_from ?? ""),
    review_from: String(known.review_from ?? ""),
    auto_per_day: String(known.auto_per_day ?? ""),
  });
  const save = useSetPolicy();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      {
        // What is not shown here stays as it is.
        wrong_max: known.wrong_max,
        escalate_after_hours: known.escalate_after_hours,
        expire_after_days: known.expire_after_days,
        autonomy: form.autonomy,
        auto_from: Number(form.auto_from),
        review_from: Number(form.review_from),
        auto_per_day: Number(form.auto_per_day),
      },
      { onSuccess: () => toast.done(text.saved) },
    );
  };
  const share = { type: "number", min: 0, max: 1, step: 0.01, disabled: !manages, required: true };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <SelectField
        label={text.autonomy}
        hint={form.autonomy === "auto" && !known.autofix ? text.autoHeld : text.modes[form.autonomy][1]}
        value={form.autonomy}
        disabled={!manages}
        onChange={(event) => setForm({ ...form, autonomy: event.target.value as Policy["autonomy"] })}
      >
        {MODES.map((mode) => (
          <option key={mode} value={mode}>
            {text.modes[mode][0]}
          </option>
        ))}
      </SelectField>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field
          {...share}
          label={text.autoFrom}
          value={form.auto_from}
          onChange={(event) => setForm({ ...form, auto_from: event.target.value })}
        />
        <Field
          {...share}
          label={text.reviewFrom}
          value={form.review_from}
          onChange={(event) => setForm({ ...form, review_from: event.target.value })}
        />
        <Field
          label={text.perDay}
          type="number"
          min={0}
          disabled={!manages}
          required
          value={form.auto_per_day}
          onChange={(event) => setForm({ ...form, auto_per_day: event.target.value })}
        />
      </div>
      <p className="text-sm text-soft">
        {!known.autofix ? (
          <>
            {text.flagOff}{" "}
            <Link
              to="/settings/$section"
              params={{ section: "flags" }}
              className="font-semibold text-accent underline-offset-4 hover:underline"
            >
              {text.flags}
            </Link>
          </>
        ) : known.auto_from_now == null ? (
          text.nothing
        ) : (
          text.now(formatConfidence(known.auto_from_now))
        )}
      </p>
      {save.isError && <Failure error={save.error} />}
      {manages && (
        <div>
          <Button small type="submit" tone="primary" disabled={save.isPending}>
            {text.save}
          </Button>
        </div>
      )}
    </form>
  );
}
