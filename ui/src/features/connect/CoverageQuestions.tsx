// Asks whether a model shall be asked where most columns of a source are known already. Who says nothing gets what is recommended.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { useMay } from "@/api/permissions";
import { useAskWhileAway } from "@/api/socket";
import type { MappingCheck } from "@/api/types";
import { formatCount, formatDollars } from "@/lib/format";
import { text } from "@/text/memory";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/States";
import { pendingChecksQuery } from "./memoryQueries";

const LOOK_WHILE_AWAY_MS = 2_000;

type Choice = "proceed" | "skip";

export function CoverageQuestions({ running }: { running: boolean }) {
  const whileAway = useAskWhileAway(LOOK_WHILE_AWAY_MS);
  const pending = useQuery({ ...pendingChecksQuery, enabled: running, refetchInterval: whileAway });
  if (!running || !pending.data) return null;
  return pending.data.items.map((check) => <Question key={check.id} check={check} />);
}

function Question({ check }: { check: MappingCheck }) {
  const queryClient = useQueryClient();
  const may = useMay("orchestration:run") === true;
  const choose = useMutation({
    mutationFn: (choice: Choice) =>
      call(api.POST("/api/v1/dcl/memory/checks/{id}", { params: { path: { id: check.id } }, body: { choice } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["memory"] }),
  });
  const skip = check.recommendation === "skip";
  const source = check.source ?? "";
  return (
    <section aria-label={text.question(source)} className="grid gap-2 border-b border-line bg-raised p-4 text-sm">
      <h3 className="font-bold">{text.question(source)}</h3>
      <p className="text-soft">
        {text.known(check.covered, check.fields)} {text.open(check.uncertain)}
      </p>
      <p className="num text-faint">
        {text.estimate(check.estimated_calls, formatCount(check.estimated_tokens), dollars(check.estimated_micros))}
      </p>
      <p className="text-faint">{text.byDefault(skip)}</p>
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button
            small
            tone={skip ? "primary" : "quiet"}
            disabled={choose.isPending}
            onClick={() => choose.mutate("skip")}
          >
            {text.skip}
          </Button>
          <Button
            small
            tone={skip ? "quiet" : "primary"}
            disabled={choose.isPending}
            onClick={() => choose.mutate("proceed")}
          >
            {text.proceed}
          </Button>
        </div>
      )}
      {choose.isError && <Failure error={choose.error} />}
    </section>
  );
}

/** Writes millionths of a dollar as dollars; nothing where no price is known. */
export function dollars(micros: number | null | undefined): string | null {
  return micros == null ? null : formatDollars(micros);
}
