// One proposal: what became of it step by step, the first records of its tables, and the decision.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import type { IntentDetail, IntentSample } from "@/api/types";
import { formatMoment, formatValue } from "@/lib/format";
import { text } from "@/text/discovery";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Confidence } from "@/ui/Confidence";
import { ConfirmDialog } from "@/ui/Dialog";
import { Drawer } from "@/ui/Drawer";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { StatusDot } from "@/ui/StatusDot";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";
import { toast } from "@/ui/toasts";
import { intentQuery, samplesQuery, usePromote, useRetry, useTurnDown } from "./queries";
import { TONES } from "./states";

export function IntentDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const intent = useQuery(intentQuery(id));
  return (
    <Drawer
      title={intent.data?.name ?? text.detail.loading}
      onClose={onClose}
      summary={
        intent.data && (
          <>
            <Badge tone="source">{intent.data.source_type}</Badge>
            <StatusDot tone={TONES[intent.data.state]}>{text.states[intent.data.state]}</StatusDot>
          </>
        )
      }
    >
      <Query query={intent} loading={text.detail.loading}>
        {(known) => (
          <div className="grid grid-cols-1 gap-6 px-5 pt-5 sm:px-6">
            <Decision intent={known} />
            <Steps intent={known} />
            {known.state === "sampled" && <Samples id={known.id} />}
          </div>
        )}
      </Query>
    </Drawer>
  );
}

function Decision({ intent }: { intent: IntentDetail }) {
  const decides = useMay("connections:write") === true;
  const [promote, turnDown, retry] = [usePromote(), useTurnDown(), useRetry()];
  const [asking, setAsking] = useState(false);
  const failed = promote.error ?? retry.error;
  const undecided = intent.state !== "promoted" && intent.state !== "rejected";
  return (
    <section className="grid gap-3">
      {intent.message && <p className="break-words text-soft">{intent.message}</p>}
      <div className="flex flex-wrap gap-2">
        {decides && intent.state === "sampled" && (
          <Button
            small
            tone="primary"
            disabled={promote.isPending}
            onClick={() => promote.mutate(intent.id, { onSuccess: () => toast.done(text.promoted(intent.name)) })}
          >
            {promote.isPending ? text.promoting : text.promote}
          </Button>
        )}
        {decides && intent.state === "failed" && (
          <Button
            small
            tone="primary"
            disabled={retry.isPending}
            onClick={() => retry.mutate(intent.id, { onSuccess: () => toast.done(text.retried) })}
          >
            {text.retry}
          </Button>
        )}
        {decides && undecided && (
          <Button small tone="danger" onClick={() => setAsking(true)}>
            {text.reject}
          </Button>
        )}
        {intent.connection_id && intent.state === "promoted" && (
          <Link
            to="/connections"
            search={{ connection: intent.connection_id }}
            className="self-center font-semibold text-accent underline underline-offset-4"
          >
            {text.detail.connection}
          </Link>
        )}
      </div>
      {failed && <Failure error={failed} />}
      {asking && (
        <ConfirmDialog
          title={`${text.reject}: ${intent.name}`}
          confirm={text.reject}
          busy={turnDown.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            turnDown.mutate(intent.id, {
              onSuccess: () => toast.done(text.rejected(intent.name)),
              onError: toast.failed,
              onSettled: () => setAsking(false),
            })
          }
        >
          {text.rejectLead}
        </ConfirmDialog>
      )}
    </section>
  );
}

function Steps({ intent }: { intent: IntentDetail }) {
  return (
    <section>
      <h3 className="mb-2 font-bold">{text.detail.steps}</h3>
      <ol className="grid gap-3">
        {intent.transitions.map((step) => (
          <li key={`${step.at}/${step.to}`} className="text-sm">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <StatusDot tone={TONES[step.to]}>{text.states[step.to]}</StatusDot>
              <time dateTime={step.at} className="num text-faint">
                {formatMoment(step.at)}
              </time>
              <span className="text-faint">{text.detail.by(step.by)}</span>
            </p>
            <p className="break-words text-soft">{step.message}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Samples({ id }: { id: string }) {
  const samples = useQuery(samplesQuery(id));
  return (
    <section className="grid gap-2">
      <h3 className="font-bold">{text.detail.samples}</h3>
      <p className="text-sm text-soft">{text.detail.samplesLead}</p>
      <Query query={samples} loading={text.detail.samplesLoading}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="text-sm text-faint">{text.detail.noSamples}</p>
          ) : (
            <div className="grid gap-4">
              {items.map((sample) => (
                <Sample key={sample.stream} sample={sample} />
              ))}
            </div>
          )
        }
      </Query>
    </section>
  );
}

function Sample({ sample }: { sample: IntentSample }) {
  const records = sample.records as Record<string, unknown>[];
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return (
    <div>
      <p className="mb-1.5 flex flex-wrap items-center gap-2.5 text-sm">
        <span className="font-mono text-[0.8125rem] font-semibold">{sample.stream}</span>
        {sample.entity ? (
          <>
            <span className="text-faint">{text.detail.feeds}</span>
            <Badge tone="ontology">{sample.entity}</Badge>
            {sample.confidence != null && <Confidence value={sample.confidence} />}
          </>
        ) : (
          <span className="text-faint">{text.detail.feedsNothing}</span>
        )}
      </p>
      <TableFrame label={`${text.detail.samples} ${sample.stream}`} className="rounded-xl border border-line">
        <thead>
          <tr>
            {columns.map((column) => (
              <Th key={column}>{column}</Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a sample is never reordered
            <tr key={at}>
              {columns.map((column) => (
                <Td key={column}>
                  <CellText text={formatValue(record[column])} />
                </Td>
              ))}
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </div>
  );
}
