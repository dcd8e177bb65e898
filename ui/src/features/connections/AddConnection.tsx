// The way to a new connection: choose a system, give its settings, and see whether it answers. The forms come from the connectors' own
// declarations.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { assetsQuery, proposalOf } from "@/api/assets";
import type { ConnectorInfo } from "@/api/types";
import { text as all } from "@/text/connections";
import { Drawer } from "@/ui/Drawer";
import { Field } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Added, AddedForLeave } from "./Added";
import { ConnectorMark } from "./ConnectorMark";
import { PRESETS } from "./presets";
import { connectorsQuery } from "./queries";
import { SettingsForm } from "./SettingsForm";
import { TryWith } from "./TryWith";

const text = all.wizard;

type Props = {
  /** What the discovery service found, where that is what is proposed. */
  asset?: string | undefined;
  /** The connector that the form begins with; `choose` lets one choose it, `propose` does so for a look at a sample only, and a preset brings its settings along. */
  first: string;
  onClose: () => void;
  onAdded: (id: string) => void;
};

type Step =
  | { kind: "choose" }
  | { kind: "settings"; connector: string }
  | { kind: "check"; id: string; name: string; leave: boolean };

export function AddConnection({ first, asset: assetId, onClose, onAdded }: Props) {
  const connectors = useQuery(connectorsQuery);
  const known = connectors.data?.items;
  const assets = useQuery({ ...assetsQuery, enabled: assetId !== undefined });
  const asset = assets.data?.items.find((one) => one.id === assetId && one.connector);
  const preset = PRESETS[first];
  const [step, setStep] = useState<Step>(() =>
    first === "choose" || first === "propose"
      ? { kind: "choose" }
      : { kind: "settings", connector: preset?.connector ?? first },
  );
  // What was found is read by one connector, so that there is nothing to choose.
  const chosen = step.kind === "settings" ? step.connector : step.kind === "choose" ? asset?.connector : undefined;
  const connector = known?.find((candidate) => candidate.name === chosen);
  const Last = step.kind === "check" && step.leave ? AddedForLeave : Added;
  const at = step.kind === "check" ? 2 : connector ? 1 : 0;
  return (
    <Drawer
      title={text.title}
      onClose={onClose}
      summary={
        <ol className="flex flex-wrap gap-x-4 gap-y-1">
          {text.steps.map((name, index) => (
            <li
              key={name}
              aria-current={index === at ? "step" : undefined}
              className={index === at ? "font-semibold text-ink" : "text-faint"}
            >
              {index + 1}. {name}
            </li>
          ))}
        </ol>
      }
    >
      <div className="grid gap-5 px-5 pt-5 sm:px-6">
        <Query query={connectors} loading={text.loading}>
          {({ items }) =>
            step.kind === "check" ? (
              <Last id={step.id} name={step.name} onShow={() => onAdded(step.id)} />
            ) : connector ? (
              <SettingsForm
                key={connector.name}
                connector={connector}
                proposing={first === "propose"}
                found={asset && proposalOf(asset, assets.data?.answered ?? null)}
                preset={connector.name === preset?.connector ? preset : undefined}
                onBack={() => setStep({ kind: "choose" })}
                onAdded={(id, name, leave) => setStep({ kind: "check", id, name, leave })}
              />
            ) : (
              <>
                {first === "choose" && <TryWith onAdded={onAdded} />}
                <Choose connectors={items} onChoose={(name) => setStep({ kind: "settings", connector: name })} />
              </>
            )
          }
        </Query>
      </div>
    </Drawer>
  );
}

function Choose({ connectors, onChoose }: { connectors: ConnectorInfo[]; onChoose: (name: string) => void }) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const shown = connectors.filter(({ title, about }) => `${title} ${about}`.toLowerCase().includes(wanted));
  return (
    <>
      <p className="text-soft">{text.leadChoose}</p>
      <Field label={text.search} type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
      <ul className="grid gap-2.5">
        {shown.map((connector) => (
          <li key={connector.name}>
            <button
              type="button"
              data-connector={connector.name}
              onClick={() => onChoose(connector.name)}
              className="flex w-full items-start gap-4 rounded-2xl border border-line p-4 text-left transition-colors hover:border-line-strong hover:bg-raised/60"
            >
              <ConnectorMark connector={connector.name} />
              <span className="min-w-0">
                <span className="block font-bold">{connector.title}</span>
                <span className="block text-sm text-soft">{connector.about}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <section className="rounded-2xl border border-line bg-bg/40 p-4 text-sm text-soft">
        <h3 className="mb-1.5 font-bold text-ink">{text.safety}</h3>
        <ul className="grid list-disc gap-1 pl-5 marker:text-faint">
          {text.safetyItems.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      </section>
    </>
  );
}
