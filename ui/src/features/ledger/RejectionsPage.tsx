// "AOS Rejections": records that could not become canonical, each with its reason and the evidence as it was read.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { clsx } from "clsx";
import { CircleCheckBig } from "lucide-react";
import { api, call } from "@/api/client";
import { connectionsQuery } from "@/api/queries";
import type { Rejection, RejectionCode } from "@/api/types";
import { formatCount, formatMoment, formatValue, words } from "@/lib/format";
import { text } from "@/text/ledger";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { inputClass } from "@/ui/Field";
import { PageHeader } from "@/ui/PageHeader";
import { Empty, Failure, Loading } from "@/ui/States";

const route = getRouteApi("/shell/rejections");
const PAGE_LIMIT = 50;

export function RejectionsPage() {
  const { connection, code } = route.useSearch();
  const navigate = route.useNavigate();
  const connections = useQuery(connectionsQuery);
  const pages = useInfiniteQuery({
    queryKey: ["rejections", connection ?? "", code ?? ""],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      call(
        api.GET("/api/v1/rejections", {
          signal,
          params: {
            query: {
              limit: PAGE_LIMIT,
              cursor: pageParam,
              connection_id: connection,
              code: code as RejectionCode | undefined,
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const rejections = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const codes = [...new Set([...(code ? [code] : []), ...rejections.map((rejection) => rejection.code)])].sort();
  const filtered = Boolean(connection || code);

  return (
    <div className="grid gap-6">
      <PageHeader title={text.aosRejections}>{text.recordsAndValuesThatCouldNot}</PageHeader>
      <Card flush>
        <div className="flex flex-wrap gap-2 border-b border-line p-4 text-sm sm:px-5">
          <select
            aria-label={text.source}
            className={clsx(inputClass, "min-h-10 min-w-0 max-sm:flex-1 sm:w-auto")}
            value={connection ?? ""}
            onChange={(event) => void navigate({ search: { code, connection: event.target.value || undefined } })}
          >
            <option value="">{text.allSources}</option>
            {connections.data?.map((item) => (
              <option key={item.id} value={item.id}>
                {item.name}
              </option>
            ))}
          </select>
          <select
            aria-label={text.reason}
            className={clsx(inputClass, "min-h-10 min-w-0 max-sm:flex-1 sm:w-auto")}
            value={code ?? ""}
            onChange={(event) => void navigate({ search: { connection, code: event.target.value || undefined } })}
          >
            <option value="">{text.allReasons}</option>
            {codes.map((name) => (
              <option key={name} value={name}>
                {words(name)}
              </option>
            ))}
          </select>
        </div>
        {pages.isError && !pages.data ? (
          <Failure error={pages.error} retry={() => void pages.refetch()} />
        ) : !pages.data ? (
          <Loading label={text.loadingTheRejections} rows={6} />
        ) : rejections.length === 0 ? (
          <Empty icon={CircleCheckBig} title={filtered ? text.noRejectionFits : text.nothingWasRejected}>
            {filtered ? text.chooseAnotherSourceOrReasonTo : text.everyRecordThatWasReadCould}
          </Empty>
        ) : (
          <ul>
            {rejections.map((rejection) => (
              <RejectionRow key={rejection.id} rejection={rejection} />
            ))}
          </ul>
        )}
        {pages.hasNextPage && (
          <div className="border-t border-line p-4 text-center">
            <Button small disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {pages.isFetchingNextPage ? text.loading : text.showMore}
            </Button>
          </div>
        )}
      </Card>
    </div>
  );
}

function RejectionRow({ rejection }: { rejection: Rejection }) {
  return (
    <li className="grid gap-2 border-line px-5 py-4 not-first:border-t">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Badge tone="bad">{words(rejection.code).toLowerCase()}</Badge>
        <span className="font-mono text-[0.8125rem] break-all">
          <span className="text-source">{rejection.source}</span> {rejection.stream}
          {rejection.column && `.${rejection.column}`}
        </span>
        <Badge>{rejection.level === "value" ? text.landedWithoutThisValue : text.recordSetAside}</Badge>
        <span className="num text-sm text-faint lg:ml-auto">
          {text.row} {formatCount(rejection.position)} ·{" "}
          <time dateTime={rejection.created_at}>{formatMoment(rejection.created_at)}</time>
        </span>
      </div>
      <p className="font-semibold break-words">{rejection.message}</p>
      <Evidence raw={rejection.raw} />
    </li>
  );
}

/** Shows what was read: a record as its columns, anything else as the text it was. */
function Evidence({ raw }: { raw: unknown }) {
  if (raw === null || raw === undefined || raw === "") return null;
  const record = asRecord(raw);
  if (!record) {
    return (
      <pre className="max-h-32 overflow-auto rounded-xl bg-bg px-3 py-2 font-mono text-[0.8125rem] break-all whitespace-pre-wrap text-soft">
        {String(raw)}
      </pre>
    );
  }
  return (
    <dl className="flex max-h-32 flex-wrap gap-x-4 gap-y-1 overflow-auto rounded-xl bg-bg px-3 py-2 font-mono text-[0.8125rem]">
      {Object.entries(record).map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="shrink-0 text-faint">{name}</dt>
          <dd className="break-all text-soft">{formatValue(value) || "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

function asRecord(raw: unknown): Record<string, unknown> | null {
  if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return raw as Record<string, unknown>;
  if (typeof raw !== "string" || !raw.trimStart().startsWith("{")) return null;
  try {
    return asRecord(JSON.parse(raw));
  } catch {
    return null;
  }
}
