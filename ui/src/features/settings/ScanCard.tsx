// Looks for personal data in a text, and shows where it is and what is left without it.
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { api, call } from "@/api/client";
import type { components } from "@/api/schema";
import { formatConfidence, words } from "@/lib/format";
import { text } from "@/text/personal";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { Field, inputClass, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { TableFrame, Td, Th } from "@/ui/Table";
import { piecesOf } from "./personal";

type Scan = components["schemas"]["PiiScan"];
type Redact = components["schemas"]["RedactWith"];

const SCORE_MIN = 0.5;

export function ScanCard({ tokens }: { tokens: boolean }) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [least, setLeast] = useState(String(SCORE_MIN));
  const [redact, setRedact] = useState<Redact>("labels");
  const scan = useMutation({
    // Nothing of it stays in the page longer than it is shown.
    gcTime: 0,
    mutationFn: async (asked: string) => ({
      asked,
      scan: await call(api.POST("/api/v1/pii/scan", { body: { text: asked, score_min: Number(least), redact } })),
    }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    scan.mutate(typed);
  };
  return (
    <Card title={text.scan}>
      <p className="-mt-1 mb-4 text-sm text-soft">{text.scanLead}</p>
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid gap-1.5">
          <label htmlFor={id} className="text-sm font-semibold">
            {text.text}
          </label>
          <textarea
            id={id}
            required
            rows={5}
            className={`${inputClass} py-2.5`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label={text.least}
            hint={text.leastHint}
            type="number"
            required
            min={0}
            max={1}
            step={0.05}
            value={least}
            onChange={(event) => setLeast(event.target.value)}
          />
          <SelectField
            label={text.instead}
            value={redact}
            onChange={(event) => setRedact(event.target.value as Redact)}
          >
            <option value="labels">{text.labels}</option>
            {tokens && <option value="tokens">{text.tokens}</option>}
          </SelectField>
        </div>
        {scan.isError && <Failure error={scan.error} />}
        <div className="flex justify-end">
          <Button small type="submit" tone="primary" disabled={scan.isPending}>
            {scan.isPending ? text.looking : text.look}
          </Button>
        </div>
      </form>
      <div role="status" className="grid gap-4">
        {scan.data && <Found asked={scan.data.asked} scan={scan.data.scan} />}
      </div>
    </Card>
  );
}

function Found({ asked, scan }: { asked: string; scan: Scan }) {
  const { findings, screening } = scan;
  return (
    <>
      <p className="flex flex-wrap items-center gap-3 pt-4 text-sm">
        <span className="num font-semibold">{text.found(findings.length)}</span>
        {screening && (
          <Badge tone={screening === "clean" ? "good" : screening === "instructs" ? "bad" : "warn"}>
            {text.screening[screening] ?? screening}
          </Badge>
        )}
      </p>
      {findings.length > 0 && (
        <>
          <section
            aria-label={text.shown}
            className="rounded-xl border border-line bg-bg p-3.5 break-words whitespace-pre-wrap"
          >
            {piecesOf(asked, findings).map((piece) =>
              piece.found ? (
                <mark key={piece.at} data-found={piece.found} className="rounded bg-warn/25 px-0.5 text-ink">
                  {piece.text}
                  <span className="ml-1 text-xs font-semibold text-warn">{words(piece.found).toLowerCase()}</span>
                </mark>
              ) : (
                piece.text
              ),
            )}
          </section>
          <TableFrame label={text.findings} className="rounded-xl border border-line">
            <thead>
              <tr>
                <Th>{text.columns.kind}</Th>
                <Th>{text.columns.where}</Th>
                <Th>{text.columns.score}</Th>
                <Th>{text.columns.because}</Th>
              </tr>
            </thead>
            <tbody>
              {findings.map((finding) => (
                <tr key={`${finding.start} ${finding.kind}`}>
                  <Td>
                    {words(finding.type)}
                    {finding.kind !== finding.type && (
                      <span className="text-faint"> {words(finding.kind).toLowerCase()}</span>
                    )}
                  </Td>
                  <Td className="num whitespace-nowrap">{text.signs(finding.start + 1, finding.end)}</Td>
                  <Td className="num">{formatConfidence(finding.score)}</Td>
                  <Td className="text-soft">{finding.because.map((why) => words(why).toLowerCase()).join(", ")}</Td>
                </tr>
              ))}
            </tbody>
          </TableFrame>
          {scan.redacted_text != null && <CopyField label={text.redacted} value={scan.redacted_text} />}
        </>
      )}
    </>
  );
}
