// What keeps organisations apart on this very deployment, and how to see it for oneself.
import { text } from "@/text/isolation";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { IsolationFacts } from "./IsolationFacts";

export function IsolationSection() {
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <div className="grid gap-5">
        <IsolationFacts />
        <Below>
          <Card title={text.how}>
            <p className="-mt-1 mb-4 text-sm text-soft">{text.lead}</p>
            <CopyField label={text.command} value={`autonomos probe isolation --url ${window.location.origin}`} />
            <h3 className="mt-6 mb-2 font-bold">{text.what}</h3>
            <ol className="grid list-decimal gap-2 pl-5 text-soft marker:text-faint">
              {text.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </Card>
        </Below>
      </div>
      <div className="grid gap-5">
        <Below>
          <Card title={text.read}>
            <dl className="grid gap-x-5 gap-y-2 sm:grid-cols-[7rem_minmax(0,1fr)]">
              {text.words.map(([word, meaning]) => (
                <div key={word} className="contents">
                  <dt className="font-mono text-sm font-semibold">{word}</dt>
                  <dd className="text-soft">{meaning}</dd>
                </div>
              ))}
            </dl>
          </Card>
          <Card title={text.layers}>
            <ul className="grid list-disc gap-2 pl-5 text-soft marker:text-faint">
              {text.layerItems.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ul>
          </Card>
        </Below>
      </div>
    </div>
  );
}
