// What the discovery service knows of the organisation: a question in words, the newest answer, and the way from a system to its proposal.
import { useQuery } from "@tanstack/react-query";
import { Search, Telescope } from "lucide-react";
import { type FormEvent, useState } from "react";
import { assetsQuery } from "@/api/assets";
import { useMay } from "@/api/permissions";
import { useAskWhileAway } from "@/api/socket";
import type { Assets } from "@/api/types";
import { formatAgo } from "@/lib/format";
import { text as all } from "@/text/discovery";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { Query } from "@/ui/Query";
import { Empty, Failure } from "@/ui/States";
import { StatusDot } from "@/ui/StatusDot";
import { OtherFindings } from "./OtherFindings";
import { useAskService } from "./queries";
import { Systems } from "./Systems";

const text = all.assets;
const READ_AGAIN_MS = 2_000;
const WAITS: string[] = ["queued", "in_progress"];

export function AssetsCard({ onOpen }: { onOpen: (intent: string) => void }) {
  const assets = useQuery({ ...assetsQuery, refetchInterval: useAskWhileAway(READ_AGAIN_MS) });
  return (
    <Card title={text.title} flush>
      <Query query={assets} loading={text.loading}>
        {(known) =>
          known.configured || known.answered ? (
            <Known known={known} onOpen={onOpen} />
          ) : (
            <Empty icon={Telescope} title={text.off}>
              {text.offLead}
            </Empty>
          )
        }
      </Query>
    </Card>
  );
}

function Known({ known, onOpen }: { known: Assets; onOpen: (intent: string) => void }) {
  const asks = useMay("orchestration:run") === true;
  const systems = known.items.filter((item) => item.entity_type === "data_source");
  const others = known.items.filter((item) => item.entity_type !== "data_source");
  return (
    <div>
      <p className="px-5 text-soft">{text.lead}</p>
      {asks && known.configured && <Ask />}
      <Standing known={known} />
      {known.answered === null ? (
        <Empty icon={Search} title={text.none}>
          {text.noneLead}
        </Empty>
      ) : known.items.length === 0 ? (
        <Empty icon={Search} title={text.nothing(known.answered.question)}>
          {text.nothingLead}
        </Empty>
      ) : (
        <>
          {systems.length > 0 && <Systems systems={systems} answered={known.answered} onOpen={onOpen} />}
          {others.length > 0 && <OtherFindings items={others} />}
        </>
      )}
    </div>
  );
}

/** Says what was answered, and what became of the newest question where that is another one. */
function Standing({ known: { asked, answered } }: { known: Assets }) {
  const newer = asked && asked.task_id !== answered?.task_id ? asked : null;
  if (!newer && !answered) return null;
  return (
    <div className="grid gap-1.5 px-5 pb-3 text-sm text-soft" aria-live="polite">
      {newer && WAITS.includes(newer.state) && <StatusDot tone="idle">{text.waiting(newer.question)}</StatusDot>}
      {newer && newer.state === "failed" && (
        <>
          <StatusDot tone="bad">{text.failed(newer.question)}</StatusDot>
          {newer.error && <p className="break-words">{newer.error}</p>}
        </>
      )}
      {answered && <p>{text.answered(answered.question, formatAgo(answered.answered_at, Date.now()))}</p>}
    </div>
  );
}

function Ask() {
  const [question, setQuestion] = useState("");
  const ask = useAskService();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate(question.trim());
  };
  const idea = (words: string) => {
    setQuestion(words);
    ask.mutate(words);
  };
  return (
    <form onSubmit={submit} className="grid gap-3 px-5 py-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-60 flex-1">
          <Field
            label={text.question}
            placeholder={text.placeholder}
            maxLength={2000}
            value={question}
            onChange={(event) => setQuestion(event.target.value)}
          />
        </div>
        <Button type="submit" tone="primary" disabled={ask.isPending || question.trim() === ""}>
          {ask.isPending ? text.asking : text.ask}
        </Button>
      </div>
      <div className="flex flex-wrap gap-2">
        {text.ideas.map((words) => (
          <Button key={words} small disabled={ask.isPending} onClick={() => idea(words)}>
            {words}
          </Button>
        ))}
      </div>
      {ask.isError && <Failure error={ask.error} />}
    </form>
  );
}
