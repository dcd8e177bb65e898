// Why the records of a thing are one: the evidence that binds each, and the way to say that it is wrong.
import { useState } from "react";
import type { GoldenDetail } from "@/api/types";
import { sumsOf } from "@/lib/pairEvidence";
import { text } from "@/text/golden";
import { Button } from "@/ui/Button";
import { Confidence } from "@/ui/Confidence";
import { ConfirmDialog } from "@/ui/Dialog";
import { Evidence } from "./Evidence";
import type { Pair, RecordName } from "./queries";

type Props = { thing: GoldenDetail; decides: boolean; busy: boolean; onPart: (pair: Pair) => void };

export function Links({ thing, decides, busy, onPart }: Props) {
  const [parting, setParting] = useState<Pair | null>(null);
  const named = (name: string): RecordName | undefined => {
    const member = thing.members.find((known) => `${known.source}/${known.record_id}` === name);
    return member && { source: member.source, record_id: member.record_id };
  };
  return (
    <ul className="grid gap-6">
      {thing.links.map((link) => {
        const [left, right] = [named(link.left), named(link.right)];
        return (
          <li key={`${link.left}=${link.right}`} className="grid gap-2">
            <div className="flex flex-wrap items-center justify-between gap-3">
              <span className="flex flex-wrap items-center gap-2 text-sm text-soft">
                {text.probability} <Confidence value={sumsOf(link.evidence).probability} />
              </span>
              {decides && left && right && (
                <Button
                  small
                  tone="danger"
                  disabled={busy}
                  onClick={() => setParting({ entity: thing.entity, left, right })}
                >
                  {text.part}
                </Button>
              )}
            </div>
            <Evidence left={link.left} right={link.right} evidence={link.evidence} />
          </li>
        );
      })}
      {parting && (
        <ConfirmDialog
          title={text.partTitle}
          confirm={text.part}
          busy={busy}
          onClose={() => setParting(null)}
          onConfirm={() => {
            onPart(parting);
            setParting(null);
          }}
        >
          {text.partLead}
        </ConfirmDialog>
      )}
    </ul>
  );
}
