// What a change of one column would touch, from the field's lineage. Pure.
import type { components } from "@/api/schema";

export type Lineage = components["schemas"]["LineageOf"];
export type Impact = { column: string; confidence: number; alone: boolean; others: number };

/** Says for each column that feeds a field whether others feed it too; the most painful loss comes first. */
export function impactOf(lineage: Lineage): Impact[] {
  return lineage.upstream
    .map((line) => {
      const others = lineage.upstream.length - 1;
      return {
        column: `${line.source} ${line.table}.${line.column}`,
        confidence: line.confidence,
        alone: others === 0,
        others,
      };
    })
    .sort((a, b) => Number(b.alone) - Number(a.alone) || b.confidence - a.confidence);
}
