// "AOS Control Center": what a persona looks at first, questions in plain words, and answers with what they rest on.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ownPersonaQuery, personasQuery } from "@/api/queries";
import { text } from "@/text/control";
import { Below } from "@/ui/Below";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { TabRow, tabClass } from "@/ui/Tabs";
import { AskForm } from "./AskForm";
import { Earlier } from "./Earlier";
import { ExchangeCard } from "./ExchangeCard";
import { useConversation } from "./queries";
import { Summary } from "./Summary";

export function ControlPage() {
  const personas = useQuery(personasQuery);
  const own = useQuery(ownPersonaQuery);
  const { exchanges, ask } = useConversation();
  const [chosen, setChosen] = useState<string | null>(null);
  const [question, setQuestion] = useState("");
  const known = personas.data?.items ?? [];
  const persona = known.find(({ id }) => id === (chosen ?? own.data?.persona)) ?? known[0];
  const put = (asked: string) => {
    setQuestion("");
    ask.mutate({ question: asked, persona: persona?.id ?? null });
  };

  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title}>{text.lead}</PageHeader>
      <Query query={personas} loading={text.loading} rows={1}>
        {({ items }) => (
          <TabRow label={text.personas} chosen={persona?.id ?? ""}>
            {items.map(({ id, name, description }) => (
              <button
                key={id}
                type="button"
                data-tab={id}
                title={description}
                aria-pressed={id === persona?.id}
                className={tabClass(id === persona?.id)}
                onClick={() => setChosen(id)}
              >
                {name}
              </button>
            ))}
          </TabRow>
        )}
      </Query>
      <Below>
        <Card>
          <AskForm
            question={question}
            onQuestion={setQuestion}
            busy={ask.isPending}
            suggestions={persona?.questions ?? []}
            onAsk={put}
          />
        </Card>
      </Below>
      <section aria-label={text.conversation} aria-live="polite" className="grid min-w-0 gap-5 empty:hidden">
        {exchanges.map((exchange) => (
          <ExchangeCard key={exchange.key} exchange={exchange} onSuggest={setQuestion} />
        ))}
      </section>
      <Below>
        {persona && <Summary key={persona.id} persona={persona} />}
        <Below>
          <Earlier onAsk={put} />
        </Below>
      </Below>
    </div>
  );
}
