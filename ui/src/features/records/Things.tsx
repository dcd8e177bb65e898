// Things of an entity that stand in the records of several sources, and the way to look for more of them.
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Layers2 } from "lucide-react";
import { api, call } from "@/api/client";
import { useMay } from "@/api/permissions";
import type { GoldenSummary, OntologyEntity } from "@/api/types";
import { formatValue } from "@/lib/format";
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
  return (
    <Card flush>
      <div className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-5 py-4">
        <p className="text-sm text-soft">{text.lead}</p>
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
  const fields = entity.fields.filter((field) => field.name !== entity.key && filled(field.name)).slice(0, COLUMNS_MAX);
  return (
    <TableFrame label={`${entity.label} ${text.things}`}>
      <thead>
        <tr>
          <Th>{text.thing}</Th>
          {fields.map((field) => (
            <Th key={field.name}>{field.name}</Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {things.map((thing) => (
          <tr key={thing.id} className="hover:bg-raised/50">
            <Td>
              <Link
                to="/thing"
                search={{ entity: entity.name, id: thing.id }}
                data-thing={thing.id}
                className="flex items-center gap-2.5 rounded font-semibold whitespace-nowrap text-accent underline-offset-4 hover:underline"
              >
                {text.count(thing.records)}
              </Link>
              <span className="mt-1 block">
                <Confidence value={thing.cohesion} />
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

const cellText = (thing: GoldenSummary, name: string) => formatValue((thing.record as Record<string, unknown>)[name]);
