// Connect, normalize, unify: the three steps with the numbers of this organisation's data in each.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, Cable, GitMerge, Languages } from "lucide-react";
import type { ReactNode } from "react";
import { graphStateQuery } from "@/api/queries";
import type { Connection } from "@/api/types";
import { formatCompact } from "@/lib/format";
import { text as all } from "@/text/connections";
import { ConnectorMark } from "./ConnectorMark";

const text = all.flow;
const MARKS_MAX = 12;

export function MeshFlow({ connections }: { connections: Connection[] }) {
  const state = useQuery(graphStateQuery);
  const streams = connections.flatMap((connection) => connection.streams);
  const records = state.data?.nodes.reduce(
    (sum, node) => sum + (node.type === "ontology" ? (node.records ?? 0) : 0),
    0,
  );
  const systems = [...new Map(connections.map((one) => [`${one.connector}/${one.system}`, one])).values()];
  return (
    <section
      aria-label={text.label}
      className="grid items-center gap-4 rounded-2xl border border-line bg-surface p-5 shadow-card md:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)_auto_minmax(0,1fr)]"
    >
      <Step
        icon={<Cable aria-hidden="true" className="size-5 text-source" />}
        name={text.connect}
        fact={`${text.connections(connections.length)}, ${text.streams(streams.length)}`}
      >
        <span className="flex flex-wrap gap-1.5">
          {systems.slice(0, MARKS_MAX).map((one) => (
            <span key={one.id} title={one.name}>
              <ConnectorMark connector={one.connector} system={one.system} />
            </span>
          ))}
          {systems.length > MARKS_MAX && (
            <span className="num grid size-10 place-items-center rounded-xl bg-raised text-sm font-bold text-soft">
              {text.more(systems.length - MARKS_MAX)}
            </span>
          )}
        </span>
      </Step>
      <Arrow />
      <Link to="/mappings" className="rounded-xl">
        <Step
          icon={<Languages aria-hidden="true" className="size-5 text-ontology" />}
          name={text.normalize}
          fact={text.mapped(streams.filter((stream) => stream.entity).length)}
        />
      </Link>
      <Arrow />
      <Link to="/records" className="rounded-xl">
        <Step
          icon={<GitMerge aria-hidden="true" className="size-5 text-agent" />}
          name={text.unify}
          fact={records === undefined ? "" : text.records(formatCompact(records))}
        />
      </Link>
    </section>
  );
}

const Arrow = () => (
  <ArrowRight aria-hidden="true" className="size-5 text-faint max-md:rotate-90 max-md:justify-self-center" />
);

type StepProps = { icon: ReactNode; name: string; fact: string; children?: ReactNode };

function Step({ icon, name, fact, children }: StepProps) {
  return (
    <div className="grid gap-2">
      <p className="flex items-center gap-2.5 font-bold">
        {icon} {name}
      </p>
      <p className="num text-sm text-soft">{fact}</p>
      {children}
    </div>
  );
}
