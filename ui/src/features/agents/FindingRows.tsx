// Findings as rows: what was found, and what is at stake.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Finding } from "@/api/types";
import { words } from "@/lib/format";
import { text } from "@/text/agents";
import { Badge } from "@/ui/Badge";
import { Pages } from "@/ui/Pages";
import { type FindingsFilter, findingsQuery } from "./queries";

type ListProps = { filter: FindingsFilter; empty: ReactNode; onOpen: (finding: Finding) => void };

/** The findings that a filter lets through, page by page. */
export function FindingList({ filter, empty, onOpen }: ListProps) {
  const findings = useInfiniteQuery(findingsQuery(filter));
  return (
    <Pages query={findings} loading={text.findingsLoading} empty={empty}>
      {(items) => <FindingRows findings={items} oneKind={filter.kind !== undefined} onOpen={onOpen} />}
    </Pages>
  );
}

type RowsProps = { findings: Finding[]; oneKind?: boolean; onOpen: (finding: Finding) => void };

export function FindingRows({ findings, oneKind = false, onOpen }: RowsProps) {
  return (
    <ul>
      {findings.map((finding) => (
        <li key={finding.id} className="border-t border-line">
          <button
            type="button"
            data-finding={finding.kind}
            onClick={() => onOpen(finding)}
            className="flex w-full flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-left hover:bg-raised/50"
          >
            {!oneKind && <Badge tone="agent">{words(finding.kind)}</Badge>}
            <span className="min-w-0 flex-1 basis-60 break-words">
              <bdi>{titleOf(finding)}</bdi>
            </span>
            <span className="num text-sm font-semibold">{stakeOf(finding)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function titleOf(finding: Finding): string {
  const { title } = finding.body as { title?: unknown };
  return typeof title === "string" && title !== "" ? title : finding.subject;
}

function stakeOf({ amount, currency }: Finding): string {
  return amount === null ? text.notPriced : text.atStake(amount, currency);
}
