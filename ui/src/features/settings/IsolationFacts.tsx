// What keeps this organisation apart on this installation right now, as its database says it.
import { useQuery } from "@tanstack/react-query";
import type { Isolation } from "@/api/types";
import { text as all } from "@/text/isolation";
import { Badge, type BadgeTone } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { isolationQuery } from "./queries";

const text = all.now;

export function IsolationFacts() {
  const isolation = useQuery(isolationQuery);
  return (
    <Card title={text.title} flush>
      <Query query={isolation} loading={text.loading} rows={3}>
        {(known) => (
          <dl>
            {factsOf(known).map(({ name, verdict, tone, meaning }) => (
              <div key={name} className="grid gap-1 border-t border-line px-5 py-3.5">
                <dt className="flex flex-wrap items-center justify-between gap-2 font-bold">
                  {name} <Badge tone={tone}>{verdict}</Badge>
                </dt>
                <dd className="text-sm text-soft">{meaning}</dd>
              </div>
            ))}
          </dl>
        )}
      </Query>
    </Card>
  );
}

type Fact = { name: string; verdict: string; tone: BadgeTone; meaning: string };

function factsOf({ row_security: rows, secrets_sealed: sealed }: Isolation): Fact[] {
  const holds = rows !== null && rows.forced === rows.tables && !rows.passed_by;
  return [
    {
      name: text.rows,
      verdict: rows === null ? text.none : text.forced(rows.forced, rows.tables),
      tone: rows === null ? "neutral" : holds ? "good" : "bad",
      meaning: rows === null ? text.file : holds ? text.holds : rows.passed_by ? text.passedBy : text.bare,
    },
    {
      name: text.secrets,
      verdict: sealed ? text.sealed : text.notSealed,
      tone: sealed ? "good" : "warn",
      meaning: sealed ? text.sealedLead : text.notSealedLead,
    },
  ];
}
