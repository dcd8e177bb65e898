// How the next run goes: which model may be asked, whether any is, and which sources the picture shows.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";
import { modelSettingsQuery, modelsQuery, useChooseModel } from "@/api/models";
import { useMay } from "@/api/permissions";
import { flagsQuery, orchestrationQuery } from "@/api/queries";
import type { AoaStatus, FlagState, ModelSettingsShown, Models } from "@/api/types";
import { text } from "@/text/modes";
import { inputClass } from "@/ui/Field";
import { Loading } from "@/ui/States";
import { Switch } from "@/ui/Switch";
import { tabClass } from "@/ui/Tabs";
import { toast } from "@/ui/toasts";
import { modelsOf, withModel } from "./modelChoice";
import { LIVE_ONLY_FLAG, useLiveOnly, useProductionMode } from "./modeQueries";

const PRODUCTION_TASK = "prod_mode";

export function RunModes() {
  const status = useQuery(orchestrationQuery);
  const flags = useQuery(flagsQuery);
  const known = useQuery(modelsQuery);
  const chosen = useQuery(modelSettingsQuery);
  const liveOnly = flags.data?.items.find(({ name }) => name === LIVE_ONLY_FLAG);
  const settled = [status, flags, known, chosen].every((query) => !query.isPending);
  return (
    <section aria-label={text.title} className="grid min-h-52 content-start border-b border-line px-4 py-2">
      {!settled && <Loading label={text.loading} rows={3} />}
      {settled && known.data && chosen.data && status.data && (
        <ModelRow known={known.data} chosen={chosen.data} production={status.data.prod_mode} />
      )}
      {settled && status.data && <ProductionRow status={status.data} />}
      {settled && liveOnly && <SourcesRow flag={liveOnly} />}
    </section>
  );
}

type RowProps = { name: string; lead: string; leadId: string; children: ReactNode };

function Row({ name, lead, leadId, children }: RowProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 py-2">
      <span aria-hidden="true" className="font-bold">
        {name}
      </span>
      {children}
      <p id={leadId} className="col-span-2 mt-0.5 text-sm text-faint">
        {lead}
      </p>
    </div>
  );
}

function ModelRow({ known, chosen, production }: { known: Models; chosen: ModelSettingsShown; production: boolean }) {
  const leadId = useId();
  const manages = useMay("models:manage") === true;
  const choose = useChooseModel();
  const models = modelsOf(known, chosen);
  const shown = choose.isPending ? (choose.variables.model ?? "") : (chosen.model ?? "");
  const lead =
    models.length === 0
      ? text.modelLead.none
      : production
        ? text.modelLead.production
        : known.usable
          ? text.modelLead.asked
          : (known.why_not ?? text.modelLead.none);
  return (
    <Row name={text.model} lead={lead} leadId={leadId}>
      {manages && models.length > 0 ? (
        <select
          aria-label={text.model}
          aria-describedby={leadId}
          className={`${inputClass} min-h-9 max-w-44 text-sm`}
          value={shown}
          disabled={choose.isPending}
          onChange={({ target: { value: model } }) =>
            choose.mutate(withModel(chosen, model), {
              onSuccess: () => toast.done(text.modelChosen(model)),
              onError: toast.failed,
            })
          }
        >
          {models.map((model) => (
            <option key={model}>{model}</option>
          ))}
        </select>
      ) : (
        <span className="flex min-h-9 min-w-0 items-center gap-3 text-sm">
          <span className="truncate text-soft">{chosen.model ?? text.noModel}</span>
          {manages && (
            <Link
              to="/settings/$section"
              params={{ section: "models" }}
              className="font-semibold text-accent underline-offset-4 hover:underline"
            >
              {text.choose}
            </Link>
          )}
        </span>
      )}
    </Row>
  );
}

function ProductionRow({ status }: { status: AoaStatus }) {
  const leadId = useId();
  const runs = useMay("orchestration:run") === true;
  const change = useProductionMode();
  // A task makes the change; until it has, what was asked for is shown.
  const changing = status.active?.kind === PRODUCTION_TASK;
  const on = change.isPending ? change.variables : changing ? !status.prod_mode : status.prod_mode;
  return (
    <Row name={text.production} lead={on ? text.productionLead.on : text.productionLead.off} leadId={leadId}>
      <Switch
        label={text.production}
        describedBy={leadId}
        checked={on}
        disabled={!runs || change.isPending || status.active !== null}
        onChange={(value) =>
          change.mutate(value, { onSuccess: () => toast.done(text.productionAsked), onError: toast.failed })
        }
      />
    </Row>
  );
}

function SourcesRow({ flag }: { flag: FlagState }) {
  const leadId = useId();
  const writes = useMay("flags:write") === true;
  const change = useLiveOnly();
  const byOperator = flag.source === "environment";
  const live = change.isPending ? change.variables : flag.value;
  const lead = live ? text.sourcesLead.live : text.sourcesLead.every;
  return (
    <Row name={text.sources} lead={byOperator ? `${lead} ${text.byOperator}` : lead} leadId={leadId}>
      <fieldset aria-describedby={leadId} disabled={!writes || byOperator || change.isPending} className="flex gap-1">
        <legend className="sr-only">{text.sourcesShown}</legend>
        {[false, true].map((value) => (
          <button
            key={String(value)}
            type="button"
            aria-pressed={live === value}
            className={tabClass(live === value)}
            onClick={() => live !== value && change.mutate(value, { onError: toast.failed })}
          >
            {value ? text.live : text.every}
          </button>
        ))}
      </fieldset>
    </Row>
  );
}
