// The ten functions of the orchestration, each with what it has to do, counted now, and the page where that is done.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { formatCount } from "@/lib/format";
import { text as all } from "@/text/orchestration";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { functionsQuery } from "./queries";

const text = all.functions;
const ROWS = 6;

const PAGES: Record<string, string | undefined> = {
  discover: "/discovery",
  sense: "/review",
  policy: "/agents",
  plan: "/review",
  prioritize: "/agents",
  budget: "/agents",
  observe: "/live",
  learn: "/agents",
  lifecycle: "/agents",
};

export function FunctionsCard() {
  const functions = useQuery(functionsQuery);
  return (
    <Card title={text.title} flush>
      <Query query={functions} loading={text.loading} rows={ROWS}>
        {({ items }) => (
          <ul className="grid grid-cols-1 gap-x-6 px-5 pb-3 sm:grid-cols-2 xl:grid-cols-5">
            {items.map(({ id, name, counters }) => (
              <li key={id} data-function={id} className="min-w-0 border-t border-line py-3 break-words">
                <FunctionName name={name} page={PAGES[id]} />
                {counters.length === 0 ? (
                  <p className="mt-1 text-sm text-faint">{text.nothing}</p>
                ) : (
                  <dl className="mt-1 grid grid-cols-1 gap-0.5 text-sm">
                    {counters.map((counter) => (
                      <div key={counter.name} className="flex items-baseline gap-2">
                        <dt className="order-2 min-w-0 break-words text-soft">{counter.name}</dt>
                        <dd className="num order-1 font-semibold">{formatCount(counter.value)}</dd>
                      </div>
                    ))}
                  </dl>
                )}
              </li>
            ))}
          </ul>
        )}
      </Query>
    </Card>
  );
}

function FunctionName({ name, page }: { name: string; page: string | undefined }) {
  if (!page) return <h3 className="font-bold">{name}</h3>;
  return (
    <h3 className="font-bold">
      <Link to={page} className="text-accent underline-offset-4 hover:underline">
        {name}
      </Link>
    </h3>
  );
}
