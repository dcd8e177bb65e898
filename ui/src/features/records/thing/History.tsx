// What became of a thing, and what people ruled about its records; what still holds can be taken back.
import { Link } from "@tanstack/react-router";
import { useUser } from "@/api/session";
import type { GoldenDetail } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/golden";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { type Happening, happenings } from "./happenings";

type Props = { thing: GoldenDetail; decides: boolean; busy: boolean; onUndo: (ruling: string) => void };

export function History({ thing, decides, busy, onUndo }: Props) {
  const told = happenings(thing);
  if (told.length === 0) return <p className="text-soft">{text.noHistory}</p>;
  return (
    <ol className="grid gap-3">
      {told.map((one) => (
        <li
          key={`${one.at} ${one.kind === "ruling" ? one.ruling.id : `${one.what} ${one.thing}`}`}
          className="grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[10.5rem_minmax(0,1fr)]"
        >
          <time dateTime={one.at} className="num text-faint">
            {formatMoment(one.at)}
          </time>
          {one.kind === "ruling" ? (
            <Ruled ruling={one.ruling} canUndo={decides} busy={busy} onUndo={onUndo} />
          ) : (
            <p>
              {text.became[one.what]}
              {one.thing && (
                <>
                  {" "}
                  <Link
                    to="/thing"
                    search={{ entity: thing.entity, id: one.thing }}
                    className="font-mono text-[0.8125rem] text-accent underline-offset-4 hover:underline"
                  >
                    {one.thing.slice(0, 8)}
                  </Link>
                </>
              )}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

type Ruling = Extract<Happening, { kind: "ruling" }>["ruling"];
type RuledProps = { ruling: Ruling; canUndo: boolean; busy: boolean; onUndo: (ruling: string) => void };

function Ruled({ ruling, canUndo, busy, onUndo }: RuledProps) {
  const user = useUser();
  const who = (principal: string) => (principal === `user:${user?.id}` ? text.you : principal);
  const [left, right] = [ruling.left, ruling.right].map(({ source, record_id }) => `${source}/${record_id}`);
  return (
    <div className="grid gap-1">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone={ruling.verdict === "same" ? "good" : "bad"}>{text.verdicts[ruling.verdict]}</Badge>
        <span className="font-mono text-[0.8125rem] break-all">
          {left} · {right}
        </span>
      </p>
      <p className="text-soft">
        {text.ruledBy(who(ruling.ruled_by))}
        {ruling.reason && `: ${ruling.reason}`}
      </p>
      {ruling.undone_at ? (
        <p className="text-faint">{text.undoneBy(who(ruling.undone_by ?? "–"), formatMoment(ruling.undone_at))}</p>
      ) : (
        canUndo && (
          <div>
            <Button small disabled={busy} onClick={() => onUndo(ruling.id)}>
              {text.undo}
            </Button>
          </div>
        )
      )}
    </div>
  );
}
