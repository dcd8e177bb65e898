// A sentence of the server, in which names stand between backticks: they are set apart as names are everywhere else.
import { Fragment } from "react";

export function Said({ children }: { children: string }) {
  const parts = children.split("`");
  // A lone backtick sets nothing apart.
  if (parts.length < 3 || parts.length % 2 === 0) return children;
  return parts.map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence are never reordered
      <code key={at} className="rounded bg-raised px-1 font-mono text-[0.9em] break-words">
        {part}
      </code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence are never reordered
      <Fragment key={at}>{part}</Fragment>
    ),
  );
}
