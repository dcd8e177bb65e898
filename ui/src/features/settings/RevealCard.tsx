// Opens tokens in a text for those who may, and only for a purpose that is written down.
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { api, call } from "@/api/client";
import { useMay } from "@/api/permissions";
import { text } from "@/text/personal";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CopyField } from "@/ui/CopyField";
import { Field, inputClass } from "@/ui/Field";
import { Failure } from "@/ui/States";

const PURPOSE_CHARS_MAX = 200;
const AUDITED_AS = "pii.reveal";

export function RevealCard({ allowed }: { allowed: boolean }) {
  const id = useId();
  const audits = useMay("audit:read") === true;
  const [typed, setTyped] = useState("");
  const [purpose, setPurpose] = useState("");
  const reveal = useMutation({
    // The values stay in the page no longer than they are shown.
    gcTime: 0,
    mutationFn: () => call(api.POST("/api/v1/pii/reveal", { body: { text: typed, purpose: purpose.trim() } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reveal.mutate();
  };
  if (!allowed) {
    return (
      <Card title={text.reveal}>
        <p className="text-soft">{text.mayNot}</p>
      </Card>
    );
  }
  return (
    <Card title={text.reveal}>
      <p className="-mt-1 mb-4 text-sm text-soft">{text.revealLead}</p>
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid gap-1.5">
          <label htmlFor={id} className="text-sm font-semibold">
            {text.withTokens}
          </label>
          <textarea
            id={id}
            required
            rows={3}
            className={`${inputClass} py-2.5 font-mono text-[0.8125rem]`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <Field
          label={text.purpose}
          hint={text.purposeHint}
          required
          maxLength={PURPOSE_CHARS_MAX}
          value={purpose}
          onChange={(event) => setPurpose(event.target.value)}
        />
        {reveal.isError && <Failure error={reveal.error} />}
        <div className="flex justify-end">
          <Button small type="submit" tone="danger" disabled={reveal.isPending}>
            {reveal.isPending ? text.opening : text.open}
          </Button>
        </div>
      </form>
      <div role="status" className="grid gap-3">
        {reveal.data && (
          <>
            <p className="num pt-3 text-sm font-semibold">
              {text.openedCount(reveal.data.opened, reveal.data.unopened)}
            </p>
            <CopyField label={text.opened} value={reveal.data.text} />
            {audits && (
              <Link
                to="/settings/$section"
                params={{ section: "audit" }}
                search={{ action: AUDITED_AS }}
                className="text-sm font-semibold text-accent underline-offset-4 hover:underline"
              >
                {text.entry}
              </Link>
            )}
          </>
        )}
      </div>
    </Card>
  );
}
