// A program asks to act for the person: who asks, what for, and where the answer goes. What it said stands behind the `#` of the address.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, call } from "@/api/client";
import type { ProgramAsked, ProgramRequest } from "@/api/types";
import { text } from "@/text/allow";
import { Button } from "@/ui/Button";
import { Loading } from "@/ui/States";
import { AuthLayout, authLinkClass } from "./AuthLayout";
import { FormProblem } from "./FormProblem";
import { parametersOf, requestOf } from "./requestOf";

export function AllowPage() {
  const [request] = useState(() => requestOf(window.location.hash));
  return (
    <AuthLayout
      title={text.title}
      heading={text.heading}
      lead={request ? text.lead : text.nothing}
      footer={
        <Link to="/" className={authLinkClass}>
          {text.home}
        </Link>
      }
    >
      {request && <Question request={request} />}
    </AuthLayout>
  );
}

function Question({ request }: { request: ProgramRequest }) {
  const question = useQuery({
    queryKey: ["program-request", request],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/auth/programs/request", { signal, params: { query: parametersOf(request) } })),
    retry: false,
  });
  if (question.isPending) return <Loading label={text.loading} rows={4} />;
  if (question.isError) return <FormProblem error={question.error} />;
  const { asked, send_back } = question.data;
  if (asked) return <Asked request={request} asked={asked} />;
  return (
    <div className="grid gap-4">
      <p>{text.broken}</p>
      <Button onClick={() => window.location.assign(send_back ?? "/")}>{text.goBack}</Button>
    </div>
  );
}

function Asked({ request, asked }: { request: ProgramRequest; asked: ProgramAsked }) {
  const [chosen, setChosen] = useState(() => asked.scopes.filter(({ yours }) => yours).map(({ scope }) => scope));
  const answer = useMutation({
    mutationFn: (allow: boolean) =>
      call(api.POST("/api/v1/auth/programs", { body: { request, allow, scopes: allow ? chosen : [] } })),
    onSuccess: ({ send_back }) => window.location.assign(send_back),
  });
  if (answer.isSuccess) return <p role="status">{text.sentBack}</p>;
  const toggle = (scope: string) =>
    setChosen(chosen.includes(scope) ? chosen.filter((other) => other !== scope) : [...chosen, scope]);
  return (
    <div className="grid gap-4">
      <p className="font-semibold break-words">{text.asks(asked.program, asked.tenant)}</p>
      <p className="text-sm text-soft">{asked.vouched_by ? text.vouched(asked.vouched_by) : text.unvouched}</p>
      <fieldset className="grid gap-2">
        <legend className="mb-2 text-sm text-faint">{text.may}</legend>
        {asked.scopes.map(({ scope, what, yours }) => (
          <label key={scope} className="flex items-start gap-3">
            <input
              type="checkbox"
              className="mt-1 size-4 shrink-0"
              checked={chosen.includes(scope)}
              disabled={!yours || answer.isPending}
              onChange={() => toggle(scope)}
            />
            <span className={yours ? undefined : "text-faint"}>
              {what}
              {!yours && ` (${text.notYours})`}
            </span>
          </label>
        ))}
      </fieldset>
      <p className="text-sm break-all text-soft">{text.leadsTo(asked.leads_to)}</p>
      <p className="text-sm text-soft">{text.lasts(asked.lasts_s)}</p>
      {answer.isError && <FormProblem error={answer.error} />}
      <div className="grid grid-cols-2 gap-3">
        <Button disabled={answer.isPending} onClick={() => answer.mutate(false)}>
          {text.refuse}
        </Button>
        <Button tone="primary" disabled={answer.isPending || chosen.length === 0} onClick={() => answer.mutate(true)}>
          {answer.isPending ? text.answering : text.allow}
        </Button>
      </div>
    </div>
  );
}
