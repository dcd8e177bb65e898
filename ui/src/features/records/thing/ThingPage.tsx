// "AOS Golden record": one thing, explained. What is true of it and by which rule, what each system says, why its records are one, what became
// of it, and the ways to say otherwise.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import { ontologyQuery } from "@/api/queries";
import type { GoldenDetail, OntologyEntity } from "@/api/types";
import { formatConfidence, formatValue } from "@/lib/format";
import { nameFrom } from "@/lib/naming";
import { text } from "@/text/golden";
import { Card } from "@/ui/Card";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { toast } from "@/ui/toasts";
import { History } from "./History";
import { JoinForm } from "./JoinForm";
import { Links } from "./Links";
import { type Pair, thingQuery, useFollows, useRule, useTakeBack } from "./queries";
import { Values } from "./Values";

const route = getRouteApi("/shell/thing");

export function ThingPage() {
  const search = route.useSearch();
  const ontology = useQuery(ontologyQuery);
  const thing = useQuery(thingQuery(search));
  const entity = ontology.data?.entities.find((candidate) => candidate.name === search.entity);
  // Kept here, because what is explained may be another thing once the task has ended.
  const [taskId, setTaskId] = useState<string | null>(null);
  const follows = useFollows(taskId);
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title} aside={<ThingFigures thing={thing.data} />}>
        {entity && thing.data ? (
          <>
            {entity.label}: <bdi className="font-bold text-ink">{nameOf(thing.data)}</bdi>
          </>
        ) : (
          text.pageLead
        )}
      </PageHeader>
      <p role="status" className={follows ? "text-warn" : "sr-only"}>
        {follows && text.follows}
      </p>
      <Query query={ontology} loading={text.loadingOne} framed>
        {() => (
          <Query query={thing} loading={text.loadingOne} framed>
            {(known) => <Explained key={known.id} entity={entity} thing={known} follows={follows} onTask={setTaskId} />}
          </Query>
        )}
      </Query>
    </div>
  );
}

function ThingFigures({ thing }: { thing: GoldenDetail | undefined }) {
  const sources = thing && new Set(thing.members.map((member) => member.source)).size;
  const cohesion = thing && (thing.members.length > 1 ? formatConfidence(thing.cohesion) : "–");
  return (
    <Figures
      items={[
        { label: text.figures.records(thing?.members.length ?? 0), value: thing?.members.length },
        { label: text.figures.sources(sources ?? 0), value: sources },
        { label: text.figures.cohesion, value: cohesion },
      ]}
    />
  );
}

/** What people call it, or the beginning of its id. */
const nameOf = ({ cells, id }: GoldenDetail): string =>
  nameFrom((field) => formatValue(cells[field]?.value)) ?? id.slice(0, 8);

type Props = {
  entity: OntologyEntity | undefined;
  thing: GoldenDetail;
  /** Whether what was said is still being worked out. */
  follows: boolean;
  onTask: (taskId: string | null) => void;
};

function Explained({ entity, thing, follows, onTask }: Props) {
  const navigate = route.useNavigate();
  const decides = useMay("drift:decide") === true;
  const [rule, takeBack] = [useRule(), useTakeBack()];
  const busy = rule.isPending || takeBack.isPending || follows;

  // A thing that is parted may be no more; one of its records always is something.
  const say = (pair: Pair, verdict: "same" | "different", reason?: string) =>
    rule.mutate(
      { ...pair, verdict, ...(reason && { reason }) },
      {
        onSuccess: (ruled) => {
          onTask(ruled.task_id);
          toast.done(verdict === "same" ? text.ruledSame : text.ruledDifferent);
          void navigate({ search: { entity: pair.entity, source: pair.left.source, record: pair.left.record_id } });
        },
        onError: toast.failed,
      },
    );
  const undo = (id: string) =>
    takeBack.mutate(id, {
      onSuccess: (undone) => {
        onTask(undone.task_id);
        toast.done(text.takenBack);
      },
      onError: toast.failed,
    });
  const [first] = thing.members;
  return (
    <>
      {thing.merged_into && (
        <p className="text-warn">
          {text.merged}{" "}
          <Link
            to="/thing"
            search={{ entity: thing.entity, id: thing.merged_into }}
            className="font-semibold underline underline-offset-4"
          >
            {text.toThatThing}
          </Link>
        </p>
      )}
      {thing.members.length === 0 && !thing.merged_into && <p className="text-warn">{text.gone}</p>}
      {thing.members.length > 0 && (
        <Card flush title={text.values}>
          <p className="-mt-1 px-5 pb-3 text-sm text-soft">{text.valuesLead}</p>
          <Values entity={entity} thing={thing} />
        </Card>
      )}
      {thing.links.length > 0 && (
        <Card title={text.links}>
          <p className="-mt-1 mb-4 text-sm text-soft">{text.linksLead}</p>
          <Links thing={thing} decides={decides} busy={busy} onPart={(pair) => say(pair, "different")} />
        </Card>
      )}
      {first && decides && (
        <Card title={text.join}>
          <p className="-mt-1 mb-4 text-sm text-soft">{text.joinLead}</p>
          <JoinForm
            entity={thing.entity}
            record={{ source: first.source, record_id: first.record_id }}
            busy={busy}
            onJoin={(pair, reason) => say(pair, "same", reason)}
          />
        </Card>
      )}
      <Card title={text.history}>
        <History thing={thing} decides={decides} busy={busy} onUndo={undo} />
      </Card>
    </>
  );
}
