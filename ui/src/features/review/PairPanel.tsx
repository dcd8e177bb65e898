// Two records that may be one thing, side by side: what each says field by field, where they differ, and how much that counts.
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { Review } from "@/api/types";
import { differenceOf, type Pieces } from "@/lib/difference";
import { fieldLabel } from "@/lib/fieldLabel";
import { words } from "@/lib/format";
import { formatRecordKey } from "@/lib/recordKey";
import { text as all } from "@/text/review";
import { Badge } from "@/ui/Badge";
import { OtherFields } from "./OtherFields";
import { type PairField, pairOf, type Side } from "./pair";

const text = all.pair;

/** All beside each other where there is room; else the field's name stands above its two values. */
const row = "grid grid-cols-2 gap-x-4 gap-y-1 px-4 py-2.5 @2xl:grid-cols-[8rem_minmax(0,1fr)_minmax(0,1fr)_8.5rem]";

export function PairPanel({ review }: { review: Pick<Review, "payload"> }) {
  const pair = pairOf(review.payload);
  const compared = pair.fields.filter((field) => field.level);
  const names = new Set(compared.map((field) => field.name));
  return (
    <section className="grid gap-3">
      <p className="text-soft">{text.lead}</p>
      <div className="@container overflow-hidden rounded-xl border border-line">
        <div className={clsx(row, "border-b border-line bg-raised/50 font-semibold")}>
          <span className="text-sm text-faint @max-2xl:hidden">{text.field}</span>
          <SideHeading entity={pair.entity} side={pair.left} />
          <SideHeading entity={pair.entity} side={pair.right} />
          <span className="text-sm text-faint @max-2xl:hidden">{text.says}</span>
        </div>
        <ul aria-label={text.label}>
          {compared.map((field) => (
            <FieldRow key={field.name} field={field} pair={[pair.left.source, pair.right.source]} />
          ))}
        </ul>
        <OtherFields pair={pair} compared={names}>
          {(others) =>
            others.map((field) => (
              <FieldRow key={field.name} field={field} pair={[pair.left.source, pair.right.source]} />
            ))
          }
        </OtherFields>
      </div>
    </section>
  );
}

function SideHeading({ entity, side }: { entity: string; side: Side }) {
  return (
    <div className="grid min-w-0 justify-items-start gap-1">
      <Badge tone="source">{side.source}</Badge>
      <Link
        to="/records"
        search={{ entity, record: formatRecordKey(side.source, side.recordId) }}
        title={text.open(side.recordId)}
        className="max-w-full truncate rounded text-accent underline-offset-4 hover:underline"
      >
        <bdi>{side.called}</bdi>
      </Link>
    </div>
  );
}

function FieldRow({ field, pair }: { field: PairField; pair: [left: string, right: string] }) {
  const same = field.level === "equal" || field.left === field.right;
  const [left, right] = differenceOf(field.left, field.right);
  return (
    <li data-field={field.name} className={clsx(row, "border-t border-line/60 text-sm first:border-t-0")}>
      <span title={field.name} className="font-semibold break-words text-ontology @max-2xl:order-1">
        {fieldLabel(field.name)}
      </span>
      <Said by={pair[0]} pieces={left} same={same} />
      <Said by={pair[1]} pieces={right} same={same} />
      <span
        className={clsx(
          "num @max-2xl:order-2 @max-2xl:text-right",
          !field.level || saysNothing(field.bits) ? "text-faint" : field.bits < 0 ? "text-bad" : "text-good",
        )}
      >
        {field.level
          ? `${words(field.level).toLowerCase()}, ${text.bits(saysNothing(field.bits) ? 0 : field.bits)}`
          : text.notCompared}
      </span>
    </li>
  );
}

/** Whether evidence is so small that it is shown as none. */
const saysNothing = (bits: number) => Math.abs(bits) < 0.05;

/** One record's value; what only it says is marked. */
function Said({ by, pieces: { head, own, tail }, same }: { by: string; pieces: Pieces; same: boolean }) {
  return (
    <span className="min-w-0 break-words @max-2xl:order-3">
      <span className="sr-only">{by}: </span>
      <bdi>
        {head + own + tail === "" ? <span className="text-faint">–</span> : head}
        {own && (same ? own : <mark className="rounded bg-warn/20 box-decoration-clone px-0.5 text-ink">{own}</mark>)}
        {tail}
      </bdi>
    </span>
  );
}
