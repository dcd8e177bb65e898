// Questions and answers about this organisation's own data, each with the page that proves it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { modelSettingsQuery, modelsQuery } from "@/api/models";
import { driftingQuery, registeredAgentsQuery } from "@/api/queries";
import type { Connection, GraphState } from "@/api/types";
import { text as all } from "@/text/home";
import { answersOf } from "./answers";

const text = all.faq;

export function Faq({ state, connections }: { state: GraphState; connections: Connection[] }) {
  const drifting = useQuery(driftingQuery);
  const agents = useQuery(registeredAgentsQuery);
  const models = useQuery(modelsQuery);
  const model = useQuery(modelSettingsQuery);
  const answers = answersOf({
    state,
    connections,
    drifting: drifting.data?.items.length,
    agents: agents.data?.items,
    models: models.data,
    model: model.data,
    nowMs: Date.now(),
  });
  return (
    <section>
      <h2 className="text-xl font-bold">{text.title}</h2>
      <p className="mt-1 mb-4 text-soft">{text.lead}</p>
      <dl className="grid grid-cols-1 gap-x-10 rounded-2xl border border-line bg-surface px-5 shadow-card lg:grid-cols-2">
        {answers.map(({ question, answer, to, link }) => (
          <div key={question} className="border-line py-4 not-first:border-t lg:[&:nth-child(2)]:border-t-0">
            <dt className="font-bold">{question}</dt>
            <dd className="mt-1">
              <p className="num break-words text-soft">{answer}</p>
              <Link
                to={to}
                className="mt-1.5 inline-flex items-center gap-1.5 text-sm font-semibold text-accent underline-offset-4 hover:underline"
              >
                {link} <ArrowRight aria-hidden="true" className="size-4" />
              </Link>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
