// The kinds of open findings: how many there are of each, what is at stake, and the findings themselves once a kind is opened.
import { clsx } from "clsx";
import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import type { Finding, FindingGroup, RegisteredAgent } from "@/api/types";
import { words } from "@/lib/format";
import { text } from "@/text/agents";
import { FindingList } from "./FindingRows";

/** Sums in more currencies than these are told where the kind is open. */
const CURRENCIES_MAX = 3;

type Props = {
  groups: FindingGroup[];
  agents: RegisteredAgent[];
  /** Whether every kind is open from the beginning, because there are only a few findings. */
  unfolded: boolean;
  onOpen: (finding: Finding) => void;
};

export function FindingGroups({ groups, agents, unfolded, onOpen }: Props) {
  const nameOf = (id: string) => agents.find((agent) => agent.id === id)?.name ?? id;
  return (
    <ul>
      {groups.map((group) => (
        <Group
          key={`${group.agent}/${group.kind}`}
          group={group}
          agent={nameOf(group.agent)}
          unfolded={unfolded}
          onOpen={onOpen}
        />
      ))}
    </ul>
  );
}

type GroupProps = { group: FindingGroup; agent: string; unfolded: boolean; onOpen: (finding: Finding) => void };

function Group({ group, agent, unfolded, onOpen }: GroupProps) {
  const [open, setOpen] = useState(unfolded);
  const id = useId();
  const { kind, findings, not_priced: notPriced, at_stake: stakes } = group;
  return (
    <li data-finding-kind={kind} className="border-t border-line">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex w-full items-start gap-3 px-5 py-3.5 text-left hover:bg-raised/50"
      >
        <ChevronDown
          aria-hidden="true"
          className={clsx("mt-0.5 size-4 shrink-0 text-faint transition-transform", !open && "-rotate-90")}
        />
        <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4 gap-y-0.5">
          <span className="min-w-0 flex-1 basis-52">
            <span className="font-semibold">{words(kind)}</span>{" "}
            <span className="text-sm break-words text-faint">{text.foundBy(agent)}</span>
          </span>
          <span className="num text-sm text-soft">{text.findingCount(findings)}</span>
          <span className="num flex flex-wrap gap-x-3 text-sm font-semibold sm:min-w-44 sm:justify-end">
            {stakes.slice(0, CURRENCIES_MAX).map(({ amount, currency }) => (
              <span key={currency ?? ""}>{text.atStake(amount, currency)}</span>
            ))}
            {notPriced > 0 && <span className="font-normal text-faint">{text.countNotPriced(notPriced)}</span>}
          </span>
        </span>
      </button>
      <div id={id} hidden={!open}>
        {open && <FindingList filter={{ state: "open", agent: group.agent, kind }} empty={null} onOpen={onOpen} />}
      </div>
    </li>
  );
}
