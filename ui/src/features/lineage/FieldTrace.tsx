// One field in the middle, the columns that feed it on the left, the agents that use it on the right, and what a change would touch.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { text } from "@/text/lineage";
import { Card } from "@/ui/Card";
import { Confidence } from "@/ui/Confidence";
import { Query } from "@/ui/Query";
import { impactOf, type Lineage } from "./impact";
import { fieldQuery } from "./queries";

const linkClass = "text-sm font-semibold text-accent underline-offset-4 hover:underline";
const IMPACTS_SHOWN = 8;

export function FieldTrace({ entity, field }: { entity: string; field: string }) {
  const lineage = useQuery(fieldQuery(entity, field));
  return (
    <Card
      title={
        <span className="font-mono text-ontology">
          {entity}.{field}
        </span>
      }
      aside={
        <span className="flex gap-4">
          <Link to="/mappings" search={{ entity }} className={linkClass}>
            {text.mapping}
          </Link>
          <Link to="/records" search={{ entity }} className={linkClass}>
            {text.records}
          </Link>
        </span>
      }
    >
      <Query query={lineage} loading={text.loadingField}>
        {(known) => (
          <>
            <Flow lineage={known} />
            <ImpactList lineage={known} />
          </>
        )}
      </Query>
    </Card>
  );
}

function Flow({ lineage }: { lineage: Lineage }) {
  return (
    <div className="grid items-center gap-3 md:grid-cols-[minmax(0,1.4fr)_auto_minmax(0,1fr)_auto_minmax(0,1fr)]">
      <Stage title={`${text.upstream} · ${text.count(lineage.upstream.length)}`}>
        {lineage.upstream.length === 0 ? (
          <p className="text-sm text-faint">{text.noUpstream}</p>
        ) : (
          <ul className="grid max-h-72 gap-1.5 overflow-y-auto">
            {lineage.upstream.map((line) => (
              <li
                key={`${line.source}/${line.table}/${line.column}`}
                className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 rounded-xl border border-source/40 tint-source px-3 py-2"
              >
                <span className="min-w-0 font-mono text-[0.8125rem] break-all">
                  <span className="text-source">{line.source}</span> {line.table}.{line.column}
                </span>
                <Confidence value={line.confidence} />
              </li>
            ))}
          </ul>
        )}
      </Stage>
      <Arrow />
      <Stage title={text.fieldTitle}>
        <p className="rounded-xl border border-ontology/40 tint-ontology px-3 py-2 font-mono text-[0.8125rem] font-semibold break-all">
          {lineage.entity}.{lineage.field}
        </p>
      </Stage>
      <Arrow />
      <Stage title={text.downstream}>
        {lineage.downstream.length === 0 ? (
          <p className="text-sm text-faint">{text.noDownstream}</p>
        ) : (
          <ul className="grid gap-1.5">
            {lineage.downstream.map((consumer) => (
              <li
                key={consumer.agent}
                className="rounded-xl border border-agent/40 tint-agent px-3 py-2 text-sm font-semibold"
              >
                {consumer.name}
              </li>
            ))}
          </ul>
        )}
      </Stage>
    </div>
  );
}

function Stage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0 self-start">
      <h3 className="mb-2 text-sm font-semibold text-faint">{title}</h3>
      {children}
    </section>
  );
}

const Arrow = () => (
  <ArrowRight aria-hidden="true" className="size-5 text-faint max-md:rotate-90 max-md:justify-self-center" />
);

function ImpactList({ lineage }: { lineage: Lineage }) {
  const impacts = impactOf(lineage);
  if (impacts.length === 0) return null;
  const field = `${lineage.entity}.${lineage.field}`;
  const agents = lineage.downstream.map((consumer) => consumer.name).join(", ");
  return (
    <section className="mt-5 border-t border-line pt-4">
      <h3 className="font-bold">{text.impact}</h3>
      <p className="mb-2 text-sm text-soft">{text.impactLead}</p>
      <ul className="grid list-disc gap-1 pl-5 text-sm text-soft marker:text-faint">
        {impacts.slice(0, IMPACTS_SHOWN).map((impact) => (
          <li key={impact.column} className="break-words">
            {impact.alone ? text.impactAlone(impact.column, field) : text.impactShared(impact.column, impact.others)}
          </li>
        ))}
        <li>{agents ? text.impactAgents(agents) : text.impactNobody}</li>
      </ul>
    </section>
  );
}
