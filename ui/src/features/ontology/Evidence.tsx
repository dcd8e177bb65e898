// Why a mapping was made, as a short list of reasons.
import { text } from "@/text/ontology";

export function Evidence({ items }: { items: string[] }) {
  if (items.length === 0) return <span className="text-faint">{text.noEvidenceRecorded}</span>;
  return (
    <ul className="grid gap-0.5">
      {items.map((item) => (
        <li key={item} className="flex gap-2">
          <span aria-hidden="true" className="mt-[0.55em] size-1 shrink-0 rounded-full bg-faint" />
          <span className="min-w-0 break-words">{item}</span>
        </li>
      ))}
    </ul>
  );
}
