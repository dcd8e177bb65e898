// What is different at the source, with the evidence for it, and what becomes of records meanwhile.
import { ArrowRight } from "lucide-react";
import { words } from "@/lib/format";
import { text } from "@/text/review";
import { Badge } from "@/ui/Badge";
import type { Item } from "./item";

export function WhatChanged({ item, stream }: { item: Item; stream: string }) {
  return (
    <section>
      <h3 className="mb-2 font-bold">{text.changed}</h3>
      <ul className="grid gap-3">
        {item.changes.map((change) => (
          <li key={`${change.path}/${change.kind}`} className="rounded-xl border border-line bg-bg/40 p-4">
            <p className="flex flex-wrap items-center gap-2.5">
              <span className="font-mono text-[0.8125rem] break-all">
                <span className="text-source">{stream}</span>.{change.path}
              </span>
              {change.to && change.to !== change.path && (
                <>
                  <ArrowRight aria-hidden="true" className="size-4 text-faint" />
                  <span className="font-mono text-[0.8125rem] break-all">{change.to}</span>
                </>
              )}
              <Badge tone={change.severity === "breaking" ? "bad" : "warn"}>{words(change.kind).toLowerCase()}</Badge>
            </p>
            {change.evidence.length > 0 && (
              <ul className="mt-2 grid list-disc gap-0.5 pl-5 text-sm text-soft marker:text-faint">
                {change.evidence.map((line) => (
                  <li key={line} className="break-words">
                    {line}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      {item.action && (
        <p className="mt-2.5 text-sm text-soft">
          {text.meanwhile}: {text.actions[item.action] ?? item.action}.
        </p>
      )}
    </section>
  );
}
