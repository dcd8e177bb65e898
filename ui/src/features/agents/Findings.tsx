// What pilots found: open or resolved, with what is at stake; one opens with its evidence.
import { useInfiniteQuery } from "@tanstack/react-query";
import { SearchCheck } from "lucide-react";
import { useState } from "react";
import type { Finding, RegisteredAgent } from "@/api/types";
import { groupThousands, words } from "@/lib/format";
import { text } from "@/text/agents";
import { Badge } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { inputClass } from "@/ui/Field";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { FindingDrawer } from "./FindingDrawer";
import { type FindingsFilter, findingsQuery } from "./queries";

const STATES = ["open", "resolved"] as const;

export function Findings({ agents }: { agents: RegisteredAgent[] }) {
  const [filter, setFilter] = useState<FindingsFilter>({ state: "open" });
  const [shown, setShown] = useState<string | null>(null);
  const findings = useInfiniteQuery(findingsQuery(filter));
  const open = findings.data?.pages.flatMap((page) => page.items).find((finding) => finding.id === shown);
  return (
    <Card
      flush
      title={text.findings}
      aside={
        <select
          aria-label={text.byAgent}
          className={`${inputClass} min-h-9 text-sm sm:w-48`}
          value={filter.agent ?? ""}
          onChange={(event) => setFilter({ ...filter, agent: event.target.value || undefined })}
        >
          <option value="">{text.allAgents}</option>
          {agents
            .filter(({ kind }) => kind === "pilot")
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </select>
      }
    >
      <div className="px-5 pb-2">
        <TabRow label={text.stateNavigation} chosen={filter.state}>
          {STATES.map((state) => (
            <button
              key={state}
              type="button"
              data-tab={state}
              aria-pressed={state === filter.state}
              className={tabClass(state === filter.state)}
              onClick={() => setFilter({ ...filter, state })}
            >
              {text.states[state]}
            </button>
          ))}
        </TabRow>
      </div>
      <Pages
        query={findings}
        loading={text.findingsLoading}
        empty={
          <Empty icon={SearchCheck} title={text.findingsNone}>
            {text.findingsNoneLead}
          </Empty>
        }
      >
        {(items) => (
          <ul>
            {items.map((finding) => (
              <FindingRow key={finding.id} finding={finding} onOpen={() => setShown(finding.id)} />
            ))}
          </ul>
        )}
      </Pages>
      {open && <FindingDrawer finding={open} onClose={() => setShown(null)} />}
    </Card>
  );
}

export function titleOf(finding: Finding): string {
  const { title } = finding.body as { title?: unknown };
  return typeof title === "string" && title !== "" ? title : finding.subject;
}

export function stakeOf({ amount, currency }: Finding): string {
  return amount === null ? text.notPriced : text.atStake(groupThousands(amount), currency);
}

function FindingRow({ finding, onOpen }: { finding: Finding; onOpen: () => void }) {
  return (
    <li className="border-t border-line">
      <button
        type="button"
        data-finding={finding.kind}
        onClick={onOpen}
        className="flex w-full flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-left hover:bg-raised/50"
      >
        <Badge tone="agent">{words(finding.kind)}</Badge>
        <span className="min-w-0 flex-1 basis-60 font-semibold break-words">
          <bdi>{titleOf(finding)}</bdi>
        </span>
        <span className="num text-sm text-soft">{stakeOf(finding)}</span>
        <span className="num text-sm text-faint">{text.seen(finding.times_seen)}</span>
      </button>
    </li>
  );
}
