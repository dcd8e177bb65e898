// What a repair would do to the latest raw records: sums, field by field, and some cells before and after.
import type { Rehearsal } from "@/api/types";
import { formatCount, formatValue } from "@/lib/format";
import { text } from "@/text/review";
import { Diff } from "@/ui/Diff";
import { TableFrame, Td, Th } from "@/ui/Table";
import { Tile, Tiles } from "@/ui/Tile";

const CELLS_SHOWN = 20;
const shown = (value: unknown): string | null => (value === null || value === undefined ? null : formatValue(value));

export function RehearsalReport({ report }: { report: Rehearsal }) {
  const sum = (of: "gained" | "lost") => report.fields.reduce((total, field) => total + field[of], 0);
  const touched = report.fields.filter((field) => field.changed + field.gained + field.lost > 0);
  const lost = sum("lost");
  return (
    <section aria-live="polite" className="grid gap-4 rounded-2xl border border-line bg-bg/40 p-4">
      <p className="text-sm text-soft">{text.tried(report.records)}</p>
      <Tiles>
        <Tile label={text.tiles.changed} value={formatCount(report.rows_changed)} />
        <Tile label={text.tiles.gained} value={formatCount(sum("gained"))} tone="good" />
        <Tile label={text.tiles.lost} value={formatCount(lost)} tone={lost > 0 ? "bad" : undefined} />
        <Tile
          label={text.tiles.rejected}
          value={text.fromTo(formatCount(report.rejected_before), formatCount(report.rejected_after))}
          tone={report.rejected_after > report.rejected_before ? "bad" : undefined}
        />
      </Tiles>
      {touched.length > 0 && (
        <>
          <h4 className="font-bold">{text.effects}</h4>
          <TableFrame label={text.effects} className="rounded-xl border border-line">
            <thead>
              <tr>
                <Th>{text.effectColumns.field}</Th>
                {(["same", "changed", "gained", "lost"] as const).map((name) => (
                  <Th key={name} className="text-right">
                    {text.effectColumns[name]}
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {touched.map((field) => (
                <tr key={`${field.entity}.${field.field}`}>
                  <Td className="font-mono text-[0.8125rem] text-ontology">
                    {field.entity}.{field.field}
                  </Td>
                  {(["same", "changed", "gained", "lost"] as const).map((name) => (
                    <Td key={name} className="num text-right">
                      {formatCount(field[name])}
                    </Td>
                  ))}
                </tr>
              ))}
            </tbody>
          </TableFrame>
        </>
      )}
      {report.cells.length > 0 && (
        <>
          <h4 className="font-bold">{text.cells}</h4>
          <Diff
            label={text.cells}
            changes={report.cells.slice(0, CELLS_SHOWN).map((cell) => ({
              name: `${cell.entity}/${cell.record_id} ${cell.field}`,
              before: shown(cell.before),
              after: shown(cell.after),
            }))}
          />
        </>
      )}
      <p className="text-sm text-soft">
        {report.views.length > 0 && text.views(report.views.join(", "))}{" "}
        {report.agents.length > 0 ? text.agents(report.agents.join(", ")) : text.noAgents}
      </p>
    </section>
  );
}
