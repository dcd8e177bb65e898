// How often mappings were right with a model's answers and without, as far as people have looked, and what the answers took.
import { useQuery } from "@tanstack/react-query";
import type { DecisionAccuracy } from "@/api/types";
import { formatCount, formatShare } from "@/lib/format";
import { text } from "@/text/memory";
import { Card } from "@/ui/Card";
import { Query } from "@/ui/Query";
import { TableFrame, Td, Th } from "@/ui/Table";
import { dollars } from "./CoverageQuestions";
import { mappingAccuracyQuery } from "./memoryQueries";

export function MemoryCard() {
  const accuracy = useQuery(mappingAccuracyQuery);
  return (
    <Card title={text.title} flush>
      <Query query={accuracy} loading={text.loading}>
        {(answer) => (
          <div className="grid gap-3 pb-4">
            <TableFrame label={text.title}>
              <thead>
                <tr>
                  <Th>{text.restsOn}</Th>
                  <Th className="text-right">{text.decided}</Th>
                  <Th className="text-right">{text.confirmed}</Th>
                  <Th className="text-right">{text.corrected}</Th>
                  <Th className="text-right">{text.right}</Th>
                </tr>
              </thead>
              <tbody>
                <Line name={text.withoutModel} kind={answer.without_model} />
                <Line name={text.withModel} kind={answer.with_model} />
                <Line name={text.withMemory} kind={answer.with_memory} />
              </tbody>
            </TableFrame>
            <p className="num px-5 text-sm text-soft">
              {answer.calls + answer.calls_saved === 0
                ? text.noCalls
                : text.took(
                    answer.calls,
                    answer.calls_saved,
                    formatCount(answer.tokens),
                    answer.calls === 0 ? null : dollars(answer.micros),
                  )}
            </p>
          </div>
        )}
      </Query>
    </Card>
  );
}

function Line({ name, kind }: { name: string; kind: DecisionAccuracy }) {
  return (
    <tr>
      <Td>{name}</Td>
      <Td className="num text-right">{formatCount(kind.decided)}</Td>
      <Td className="num text-right">{formatCount(kind.confirmed)}</Td>
      <Td className="num text-right">{formatCount(kind.corrected)}</Td>
      <Td className="num text-right">{kind.precision == null ? text.nobodyLooked : formatShare(kind.precision)}</Td>
    </tr>
  );
}
