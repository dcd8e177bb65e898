// One part: what it does, how it is, and its numbers.
import { formatMoment } from "@/lib/format";
import { text } from "@/text/architecture";
import { factsOf, type Known, type PartName, reasonOf, statusOf } from "./parts";

export function PartDetails({ part, known }: { part: PartName; known: Known }) {
  const [name, meaning] = text.parts[part];
  const told = reasonOf(part, known);
  const facts = factsOf(part, known);
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <div>
        <h2 className="text-lg font-bold">{name}</h2>
        <p className="mt-1 max-w-xl text-soft">{meaning}</p>
      </div>
      <div>
        <h3 className="mb-2 font-bold">{text.details}</h3>
        <p className="text-soft">{text.status[statusOf(part, known)]}</p>
        {told && (
          <p className="mt-1 text-sm break-words text-warn">
            {told.reason}
            {told.since && `, ${text.since(formatMoment(told.since))}`}
          </p>
        )}
        <dl className="mt-2 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1 text-sm">
          {facts.map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-faint">{label}</dt>
              <dd className="num font-semibold">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}
