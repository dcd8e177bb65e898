// What the source declares: its tables and fields, and what a whole read would cost.
import type { Discovery } from "@/api/types";
import { formatCount } from "@/lib/format";
import { text as all } from "@/text/connections";

const text = all.forecast;

export function DiscoveryNote({ discovery }: { discovery: Discovery }) {
  const { forecast, streams } = discovery;
  const costs = [
    forecast.records != null && text.records(formatCount(forecast.records)),
    forecast.requests != null && text.requests(formatCount(forecast.requests)),
  ].filter(Boolean);
  return (
    <div role="status" className="grid gap-2 rounded-xl border border-line bg-bg/40 p-4 text-sm">
      <p className="font-semibold">{all.detail.found(streams.length)}</p>
      <p className="num text-soft">
        {text.whole}: {costs.length > 0 ? costs.join(", ") : text.unknown}
      </p>
      {forecast.warning && <p className="text-warn">{forecast.warning}</p>}
      <div className="max-h-72 overflow-y-auto">
        {streams.map((stream) => (
          <details key={stream.name} className="border-t border-line/60 py-1.5">
            <summary>
              <span className="font-mono text-[0.8125rem] font-semibold">{stream.name}</span>{" "}
              <span className="text-faint">{all.detail.holds(stream.fields.length, stream.records ?? null)}</span>
              {stream.problem && <span className="block text-bad">{stream.problem}</span>}
            </summary>
            <ul className="grid gap-x-6 py-1.5 pl-4 sm:grid-cols-2">
              {stream.fields.map((field) => (
                <li key={field.name} className="flex justify-between gap-3">
                  <span className="min-w-0 truncate font-mono text-[0.8125rem]" title={field.label ?? undefined}>
                    {field.name}
                    {stream.key.includes(field.name) && <span className="text-ontology"> {all.detail.key}</span>}
                  </span>
                  <span className="shrink-0 text-faint" title={field.declared}>
                    {field.type}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        ))}
      </div>
    </div>
  );
}
