// What the discovery service found beside systems: tables, entities and how they belong together. Folded, because systems come first.
import { ChevronRight } from "lucide-react";
import type { Asset } from "@/api/types";
import { text as all } from "@/text/discovery";
import { Confidence } from "@/ui/Confidence";
import { TableFrame, Td, Th } from "@/ui/Table";

const text = all.assets;

export function OtherFindings({ items }: { items: Asset[] }) {
  return (
    <details className="group border-t border-line">
      <summary className="flex min-h-12 cursor-pointer items-center gap-2 px-5 font-semibold">
        <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90" />
        {text.others(items.length)}
      </summary>
      <TableFrame label={text.others(items.length)} className="border-t border-line">
        <thead>
          <tr>
            <Th>{text.found.name}</Th>
            <Th>{text.found.kind}</Th>
            <Th>{text.found.source}</Th>
            <Th>{text.found.sure}</Th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <Td>
                <span className="block font-semibold break-words">{item.name}</span>
                <span className="block text-xs break-words text-faint">{item.evidence.join("; ")}</span>
              </Td>
              <Td>{text.kinds[item.entity_type] ?? item.entity_type}</Td>
              <Td>{item.source}</Td>
              <Td>
                <Confidence value={item.confidence} />
              </Td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </details>
  );
}
