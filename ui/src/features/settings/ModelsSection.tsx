// Which model may be asked, within which limits, and what was used. A key is taken and never shown.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { modelSettingsQuery, modelsQuery, useChooseModel } from "@/api/models";
import { useMay } from "@/api/permissions";
import type { ModelSettings, ModelSettingsShown } from "@/api/types";
import { formatDuration } from "@/lib/format";
import { text } from "@/text/models";
import { Badge } from "@/ui/Badge";
import { Below } from "@/ui/Below";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field, SelectField } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { ModelUsageCard } from "./ModelUsageCard";
import { useTryModel } from "./modelQueries";

export function ModelsSection() {
  const known = useQuery(modelsQuery);
  const settings = useQuery(modelSettingsQuery);
  return (
    <div className="grid gap-5">
      <Card
        title={text.title}
        aside={
          known.data && (
            <Badge tone={known.data.usable ? "good" : "neutral"}>
              {known.data.usable ? text.usable : text.notUsable}
            </Badge>
          )
        }
      >
        <p className="-mt-1 mb-4 text-sm text-soft">{text.lead}</p>
        <Query query={settings} loading={text.loading}>
          {(chosen) => (
            <>
              {(chosen.production_mode || known.data?.why_not) && (
                <p className="mb-4 text-sm text-warn">
                  {chosen.production_mode ? text.production : known.data?.why_not}
                </p>
              )}
              <ChoiceForm
                key={JSON.stringify(chosen)}
                chosen={chosen}
                providers={known.data?.providers.map(({ provider }) => provider) ?? []}
              />
            </>
          )}
        </Query>
      </Card>
      <Below>
        <ModelUsageCard pricesAsOf={known.data?.prices_as_of} />
      </Below>
    </div>
  );
}

type Provider = NonNullable<ModelSettingsShown["provider"]>;

function ChoiceForm({ chosen, providers }: { chosen: ModelSettingsShown; providers: Provider[] }) {
  const manages = useMay("models:manage") === true;
  const [form, setForm] = useState({
    provider: chosen.provider ?? "",
    model: chosen.model ?? "",
    base_url: chosen.base_url ?? "",
    embedding_model: chosen.embedding_model ?? "",
    tokens: chosen.tokens_per_day_max?.toString() ?? "",
    dollars: chosen.dollars_per_day_max?.toString() ?? "",
    api_key: "",
  });
  const [choose, tryOut] = [useChooseModel(), useTryModel()];
  const bind = (name: keyof typeof form) => ({
    disabled: !manages,
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = (value: string) => value.trim() || undefined;
    const body: ModelSettings = {
      // What this form does not show stays as it is.
      embedding_dimensions: chosen.embedding_dimensions,
      price: chosen.price,
      embedding_price: chosen.embedding_price,
      provider: (form.provider || undefined) as Provider | undefined,
      model: given(form.model),
      base_url: given(form.base_url),
      embedding_model: given(form.embedding_model),
      tokens_per_day_max: form.tokens.trim() ? Number(form.tokens) : undefined,
      dollars_per_day_max: given(form.dollars),
      api_key: given(form.api_key),
    };
    choose.mutate(body, { onSuccess: () => toast.done(text.saved) });
  };
  const failed = choose.error ?? tryOut.error;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid items-start gap-4 md:grid-cols-2">
        <SelectField label={text.provider} {...bind("provider")}>
          <option value="">{text.none}</option>
          {providers.map((provider) => (
            <option key={provider} value={provider}>
              {text.providers[provider] ?? provider}
            </option>
          ))}
        </SelectField>
        <Field label={text.model} hint={text.modelHint} maxLength={200} {...bind("model")} />
        <Field label={text.address} hint={text.addressHint} type="url" {...bind("base_url")} />
        <Field
          label={text.key}
          hint={chosen.has_key ? text.keyKept : text.keyNone}
          type="password"
          autoComplete="off"
          {...bind("api_key")}
        />
        <Field label={text.embedding} hint={text.embeddingHint} maxLength={200} {...bind("embedding_model")} />
        <Field label={text.tokens} hint={text.limitHint} type="number" min={0} step={1} {...bind("tokens")} />
        <Field label={text.dollars} hint={text.limitHint} type="number" min={0} step={0.01} {...bind("dollars")} />
      </div>
      {failed && <Failure error={failed} />}
      {tryOut.data && (
        <p role="status" className="text-sm break-words text-good">
          {text.tested(tryOut.data.model, tryOut.data.said, formatDuration(tryOut.data.duration_ms))}
        </p>
      )}
      {manages && (
        <div className="flex flex-wrap justify-end gap-2">
          <Button small disabled={!chosen.provider || tryOut.isPending} onClick={() => tryOut.mutate(null)}>
            {tryOut.isPending ? text.testing : text.test}
          </Button>
          <Button small type="submit" tone="primary" disabled={choose.isPending}>
            {choose.isPending ? text.saving : text.save}
          </Button>
        </div>
      )}
    </form>
  );
}
