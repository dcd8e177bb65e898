// The one Slack channel: where it posts, after which ends, and a test message.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useMay } from "@/api/permissions";
import type { SlackNotifications } from "@/api/types";
import { text as all } from "@/text/settings";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CheckRow } from "@/ui/CheckRow";
import { Field } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { type SlackChange, slackQuery, useRemoveSlack, useSetSlack, useTestSlack } from "./queries";

const text = all.notifications;
type Ending = SlackChange["on"][number];
const ENDINGS = Object.keys(text.states) as Ending[];

export function SlackCard() {
  const slack = useQuery(slackQuery);
  const state = slack.data;
  return (
    <Card
      title={text.slack}
      aside={
        state &&
        (state.disabled_reason ? (
          <Badge tone="bad">{text.disabled}</Badge>
        ) : (
          <Badge tone={state.configured ? "good" : "neutral"}>
            {state.configured ? `${text.goesTo} ${state.origin}` : text.notSet}
          </Badge>
        ))
      }
    >
      <p className="-mt-1 mb-4 text-sm text-soft">{text.slackLead}</p>
      <Query query={slack} loading={text.loading}>
        {(answer) => <SlackForm slack={answer} key={answer.set_at ?? "unset"} />}
      </Query>
    </Card>
  );
}

function SlackForm({ slack }: { slack: SlackNotifications }) {
  const manages = useMay("notifications:manage") === true;
  const [url, setUrl] = useState("");
  const [on, setOn] = useState<ReadonlySet<Ending>>(new Set(slack.on as Ending[]));
  const [save, test, remove] = [useSetSlack(), useTestSlack(), useRemoveSlack()];
  const failed = save.error ?? test.error ?? remove.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = url.trim();
    save.mutate({ on: [...on], ...(address && { webhook_url: address }) }, { onSuccess: () => toast.done(text.saved) });
  };
  const tick = (ending: Ending, ticked: boolean) => {
    const next = new Set(on);
    if (ticked) next.add(ending);
    else next.delete(ending);
    setOn(next);
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {slack.disabled_reason && <p className="text-sm break-words text-bad">{slack.disabled_reason}</p>}
      <Field
        label={text.url}
        hint={text.urlHint}
        type="url"
        autoComplete="off"
        required={!slack.configured}
        disabled={!manages}
        placeholder={slack.configured ? `${slack.origin}/…` : "https://hooks.slack.com/services/…"}
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <fieldset>
        <legend className="mb-1 text-sm font-semibold">{text.on}</legend>
        {ENDINGS.map((ending) => (
          <CheckRow
            key={ending}
            label={`${text.on} ${text.states[ending]}`}
            checked={on.has(ending)}
            disabled={!manages}
            onChange={(ticked) => tick(ending, ticked)}
          >
            {text.states[ending]}
          </CheckRow>
        ))}
      </fieldset>
      {manages && (
        <div className="flex flex-wrap gap-2">
          <Button small type="submit" tone="primary" disabled={save.isPending}>
            {save.isPending ? text.saving : text.save}
          </Button>
          {slack.configured && (
            <>
              <Button
                small
                disabled={test.isPending}
                onClick={() => test.mutate(null, { onSuccess: () => toast.done(text.tested) })}
              >
                {text.test}
              </Button>
              <Button
                small
                tone="danger"
                disabled={remove.isPending}
                onClick={() => remove.mutate(null, { onSuccess: () => toast.done(text.removed) })}
              >
                {text.remove}
              </Button>
            </>
          )}
        </div>
      )}
      {failed && <Failure error={failed} />}
    </form>
  );
}
