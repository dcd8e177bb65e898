// What models were asked and what that used, by day; what today's limit leaves.
import { useQuery } from "@tanstack/react-query";
import { formatCount, formatDollars } from "@/lib/format";
import { text } from "@/text/models";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { TableFrame, Td, Th } from "@/ui/Table";
import { Tile, Tiles } from "@/ui/Tile";
import { modelUsageQuery } from "./modelQueries";

export function ModelUsageCard({ pricesAsOf }: { pricesAsOf: string | undefined }) {
  const usage = useQuery(modelUsageQuery);
  return (
    <Card flush title={text.usage}>
      <Query query={usage} loading={text.usageLoading}>
        {({ today, counters, items }) => (
          <div className="grid gap-4 pb-4">
            <div className="px-5">
              <Tiles>
                <Tile
                  label={text.tokensToday}
                  value={text.of(
                    formatCount(today.tokens_used),
                    today.tokens_max == null ? null : formatCount(today.tokens_max),
                  )}
                />
                <Tile
                  label={text.dollarsToday}
                  value={text.of(
                    shown(today.dollars_used),
                    today.dollars_max == null ? null : shown(today.dollars_max),
                  )}
                />
                <Tile label={text.calls} value={formatCount(counters.calls)} />
                <Tile label={text.saved_calls} value={formatCount(counters.calls_saved)} />
              </Tiles>
            </div>
            {items.length === 0 ? (
              <p className="px-5 text-soft">{text.usageNone}</p>
            ) : (
              <TableFrame label={text.usage}>
                <thead>
                  <tr>
                    <Th>{text.day}</Th>
                    <Th>{text.feature}</Th>
                    <Th>{text.model}</Th>
                    <Th className="text-right">{text.calls}</Th>
                    <Th className="text-right">{text.tokensIn}</Th>
                    <Th className="text-right">{text.tokensOut}</Th>
                    <Th className="text-right">{text.cost}</Th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((item) => (
                    <tr key={`${item.day}/${item.feature}/${item.model}`}>
                      <Td>{item.day}</Td>
                      <Td>{item.feature}</Td>
                      <Td className="break-all">{item.model}</Td>
                      <Td className="num text-right">
                        {formatCount(item.calls)}
                        {item.failed > 0 && <span className="block text-bad">{text.failed(item.failed)}</span>}
                      </Td>
                      <Td className="num text-right">{formatCount(item.tokens_in)}</Td>
                      <Td className="num text-right">{formatCount(item.tokens_out)}</Td>
                      <Td className="num text-right">
                        {item.dollars == null ? text.notPriced : shown(item.dollars)}
                        {item.dollars != null && item.unpriced > 0 && (
                          <span className="block text-faint">{text.unpriced(item.unpriced)}</span>
                        )}
                      </Td>
                    </tr>
                  ))}
                </tbody>
              </TableFrame>
            )}
            {pricesAsOf && <p className="px-5 text-sm text-faint">{text.prices(pricesAsOf)}</p>}
          </div>
        )}
      </Query>
    </Card>
  );
}

const MICROS_PER_DOLLAR = 1_000_000;

/** Dollars come as exact decimals; a card shows cents. */
const shown = (dollars: string) => formatDollars(Math.round(Number(dollars) * MICROS_PER_DOLLAR));
