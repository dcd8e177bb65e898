// One item: what changed, the repairs there are, a rehearsal on real records, the decision, and what was said.
import { useState } from "react";
import { useMay } from "@/api/permissions";
import type { ReviewDetail as Detail } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/review";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confidence } from "@/ui/Confidence";
import { ConfirmDialog } from "@/ui/Dialog";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { Candidates } from "./Candidates";
import { Comments } from "./Comments";
import { GapPanel, QUESTION_GAP } from "./GapPanel";
import { editedBy, isEditable, itemOf } from "./item";
import { KeyHint } from "./KeyHint";
import { PairPanel } from "./PairPanel";
import { ENTITY_PAIR } from "./pair";
import { SeverityBadge } from "./QueueRow";
import { useApprove, useRehearse, useUndo } from "./queries";
import { RehearsalReport } from "./RehearsalReport";
import { RejectDialog, type RejectWords } from "./RejectDialog";
import { titleOf } from "./titleOf";
import { useKeys } from "./useKeys";
import { WhatChanged } from "./WhatChanged";

/** Only what has changed can be taken as it is seen. */
const DRIFT = "drift";

export function ReviewDetail({ review }: { review: Detail }) {
  const decides = useMay("drift:decide") === true;
  const item = itemOf(review.payload);
  const isPair = review.kind === ENTITY_PAIR;
  const isGap = review.kind === QUESTION_GAP;
  const [chosen, setChosen] = useState(0);
  const [written, setWritten] = useState<Record<number, string>>({});
  const [editing, setEditing] = useState(false);
  const [asking, setAsking] = useState<"reject" | "undo" | null>(null);
  const [rehearse, approve, undo] = [useRehearse(), useApprove(), useUndo()];
  const candidate = item.candidates[chosen];
  const choice = { candidate: chosen, edits: candidate ? editedBy(candidate.edits, written) : null };
  const open = review.state === "open";
  const canAct = open && decides && !approve.isPending;
  const tryIt = () => candidate && rehearse.mutate({ id: review.id, accept: false, ...choice });
  const tryAccepting = () => rehearse.mutate({ id: review.id, accept: true, ...choice });
  const decide = (accept: boolean) =>
    approve.mutate(
      { id: review.id, revision: review.revision, accept, ...choice },
      { onSuccess: (decided) => toast.done(isPair ? text.pair.ruled : text.approved(decided.version ?? null)) },
    );
  useKeys({
    ...(canAct && (candidate || isPair) && { a: () => decide(false) }),
    ...(canAct && candidate && { t: tryIt }),
    ...(canAct && candidate && isEditable(candidate) && { e: () => setEditing(true) }),
    ...(canAct && { r: () => setAsking("reject") }),
  });
  const failed = rehearse.error ?? approve.error;
  const rejects = rejectWords(review.kind);

  return (
    <Card
      title={
        <span className="break-words">
          <bdi>{titleOf(review)}</bdi>
        </span>
      }
      aside={
        <span className="flex flex-wrap items-center gap-2 text-sm text-faint">
          {isPair && review.confidence != null ? (
            <Confidence value={review.confidence} />
          ) : (
            <SeverityBadge severity={review.severity} />
          )}
          {review.decided_at && text.decidedBy(review.decided_by ?? "–", formatMoment(review.decided_at))}
        </span>
      }
    >
      <div className="grid gap-6">
        {isPair && <PairPanel review={review} />}
        {isGap && <GapPanel review={review} />}
        {!isPair && !isGap && <WhatChanged item={item} stream={review.stream ?? ""} />}
        {!isPair && !isGap && (
          <Candidates
            candidates={item.candidates}
            chosen={chosen}
            locked={!open}
            written={written}
            editing={editing}
            onEditing={setEditing}
            onChoose={(at) => {
              setChosen(at);
              setWritten({});
              rehearse.reset();
            }}
            onWrite={(at, value) => setWritten({ ...written, [at]: value })}
          />
        )}
        {rehearse.data && <RehearsalReport report={rehearse.data} />}
        {failed && <Failure error={failed} />}
        {decides && (
          <div className="flex flex-wrap gap-2 border-t border-line pt-5">
            {open && (
              <>
                {candidate && (
                  <>
                    <Button small tone="primary" disabled={!canAct} aria-keyshortcuts="A" onClick={() => decide(false)}>
                      {approve.isPending ? text.approving : choice.edits ? text.approveEdited : text.approve}
                      <KeyHint name="A" />
                    </Button>
                    {isEditable(candidate) && (
                      <Button small disabled={!canAct} aria-keyshortcuts="E" onClick={() => setEditing(true)}>
                        {text.editShort} <KeyHint name="E" />
                      </Button>
                    )}
                    <Button small disabled={rehearse.isPending} aria-keyshortcuts="T" onClick={tryIt}>
                      {rehearse.isPending ? text.trying : text.try} <KeyHint name="T" />
                    </Button>
                  </>
                )}
                {isPair ? (
                  <Button small tone="primary" disabled={!canAct} aria-keyshortcuts="A" onClick={() => decide(false)}>
                    {text.pair.same} <KeyHint name="A" />
                  </Button>
                ) : (
                  <>
                    <Button small disabled={!canAct} onClick={() => decide(true)}>
                      {isGap ? text.gap.there : text.accept}
                    </Button>
                    {review.kind === DRIFT && (
                      <Button small disabled={rehearse.isPending} onClick={tryAccepting}>
                        {text.tryAccepting}
                      </Button>
                    )}
                  </>
                )}
                <Button
                  small
                  tone="danger"
                  disabled={!canAct}
                  aria-keyshortcuts="R"
                  onClick={() => setAsking("reject")}
                >
                  {rejects.act} <KeyHint name="R" />
                </Button>
              </>
            )}
            {review.state === "approved" && !isGap && (
              <Button small tone="danger" onClick={() => setAsking("undo")}>
                {text.undo}
              </Button>
            )}
          </div>
        )}
        <Comments review={review} decides={decides} />
      </div>
      {asking === "reject" && (
        <RejectDialog id={review.id} revision={review.revision} words={rejects} onClose={() => setAsking(null)} />
      )}
      {asking === "undo" && (
        <ConfirmDialog
          title={text.undoTitle}
          confirm={text.undo}
          busy={undo.isPending}
          onClose={() => setAsking(null)}
          onConfirm={() =>
            undo.mutate(review.id, {
              onSuccess: () => toast.done(text.undone),
              onError: toast.failed,
              onSettled: () => setAsking(null),
            })
          }
        >
          {text.undoLead}
        </ConfirmDialog>
      )}
    </Card>
  );
}

function rejectWords(kind: string): RejectWords {
  const { pair, gap } = text;
  if (kind === ENTITY_PAIR) return { title: pair.rejectTitle, lead: pair.rejectLead, act: pair.different };
  if (kind === QUESTION_GAP) return { title: gap.rejectTitle, lead: gap.rejectLead, act: gap.never };
  return { title: text.rejectTitle, lead: text.rejectLead, act: text.reject };
}
