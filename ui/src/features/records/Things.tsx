// Things of an entity that stand in the records of several sources, and the way to look for more of them.
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Layers2 } from "lucide-react";
import { api, call } from "@/api/client";
import { useMay } from "@/api/permissions";
import type { GoldenSummary, OntologyEntity, UnifiedState } from "@/api/types";
import { fieldLabel } from "@/lib/fieldLabel";
import { formatMoment, formatValue } from "@/lib/format";
import { nameFrom, namesFirst, namingField } from "@/lib/naming";
import { text } from "@/text/golden";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confidence } from "@/ui/Confidence";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";
import { toast } from "@/ui/toasts";

const PAGE_LIMIT = 50;
const COLUMNS_MAX = 7;

export function Things({ entity }: { entity: OntologyEntity }) {
  const things = useInfiniteQuery({
    queryKey: ["golden", entity.name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(
        api.GET("/api/v1/dcl/golden/{entity}", {
          signal,
          params: { path: { entity: entity.name }, query: { limit: PAGE_LIMIT, cursor } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const unified = things.data?.pages[0]?.unified;
  return (
    <Card flush>
      <div className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-5 py-4">
        <div className="space-y-1 text-sm text-soft">
          <p>{text.lead}</p>
          {unified && <Compared unified={unified} />}
        </div>
        <FindButton />
      </div>
      <Pages
        query={things}
        loading={text.loading}
        empty={
          <Empty icon={Layers2} title={text.none} action={<FindButton />}>
            {text.noneLead}
          </Empty>
        }
      >
        {(items: GoldenSummary[]) => <ThingsTable entity={entity} things={items} />}
      </Pages>
    </Card>
  );
}

/** What the latest comparison came to, with the way to what it leaves to people. */
function Compared({ unified }: { unified: UnifiedState }) {
  const uncertain = unified.uncertain ?? 0;
  return (
    <p>
      {text.compared(unified.records, formatMoment(unified.at))} {unified.links !== null && text.linked(unified.links)}{" "}
      {uncertain > 0 && (
        <Link to="/review" className="rounded font-semibold text-accent underline-offset-4 hover:underline">
          {text.uncertain(uncertain)}
        </Link>
      )}
    </p>
  );
}

function FindButton() {
  const queryClient = useQueryClient();
  const runs = useMay("orchestration:run") === true;
  const find = useMutation({
    mutationFn: () => call(api.POST("/api/v1/dcl/unify/run")),
    onSuccess: () => toast.done(text.begun),
    onError: toast.failed,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["tasks"] }),
  });
  if (!runs) return null;
  return (
    <Button small disabled={find.isPending} onClick={() => find.mutate()}>
      {find.isPending ? text.finding : text.find}
    </Button>
  );
}

type TableProps = { entity: OntologyEntity; things: GoldenSummary[] };

function ThingsTable({ entity, things }: TableProps) {
  const filled = (name: string) => things.some((thing) => cellText(thing, name) !== "");
  const known = entity.fields.filter((field) => field.name !== entity.key && filled(field.name));
  const naming = namingField(known.map((field) => field.name));
  const fields = namesFirst(known.filter((field) => field.name !== naming)).slice(0, COLUMNS_MAX);
  return (
    <TableFrame label={`${entity.label} ${text.things}`}>
      <thead>
        <tr>
          <Th className="max-sm:sticky max-sm:left-0 max-sm:z-10 max-sm:bg-surface">{text.thing}</Th>
          {fields.map((field) => (
            <Th key={field.name} title={`${field.description} (${field.name})`}>
              {fieldLabel(field.name)}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {things.map((thing) => (
          <tr key={thing.id} className="hover:bg-raised/50">
            <Td className="max-sm:sticky max-sm:left-0 max-sm:z-10 max-sm:bg-surface">
              <Link
                to="/thing"
                search={{ entity: entity.name, id: thing.id }}
                data-thing={thing.id}
                title={called(thing) ?? thing.id}
                className="block max-w-40 truncate rounded font-semibold text-accent underline-offset-4 hover:underline sm:max-w-60"
              >
                <bdi>{called(thing) ?? thing.id.slice(0, 8)}</bdi>
              </Link>
              <span className="mt-1 flex items-center gap-2.5 whitespace-nowrap text-faint">
                {text.count(thing.records)} <Confidence value={thing.cohesion} />
              </span>
            </Td>
            {fields.map((field) => (
              <Td key={field.name}>
                <CellText text={formatValue((thing.record as Record<string, unknown>)[field.name], field.type)} />
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

const called = (thing: GoldenSummary) => nameFrom((field) => cellText(thing, field));

const cellText = (thing: GoldenSummary, name: string) => formatValue((thing.record as Record<string, unknown>)[name]);
