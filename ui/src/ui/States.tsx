// The three states beside "live" that every view shows: loading, empty (with what to do next) and error.
import { CircleAlert, type LucideIcon, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { asProblem } from "@/api/problem";
import { text } from "@/text/parts";
import { Button } from "./Button";
import { Said } from "./Said";

export function Loading({ label, rows = 4 }: { label: string; rows?: number }) {
  return (
    <div role="status" className="grid gap-3 p-5">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars are alike and never move
          key={row}
          className="h-9 rounded-lg bg-raised motion-safe:animate-[shimmer_1.4s_ease-in-out_infinite]"
          style={{ width: `${100 - ((row * 17) % 45)}%` }}
        />
      ))}
    </div>
  );
}

type EmptyProps = { icon: LucideIcon; title: string; children: ReactNode; action?: ReactNode };

export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-14 text-center">
      <span className="mb-1 grid size-12 place-items-center rounded-2xl bg-raised text-faint">
        <Icon aria-hidden="true" className="size-6" />
      </span>
      <h3 className="text-lg font-bold">{title}</h3>
      <p className="max-w-md text-soft">{children}</p>
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = asProblem(error);
  return (
    <div role="alert" className="m-5 flex gap-3 rounded-xl border border-bad/40 bg-bad/10 p-4">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-bad" />
      <div className="grid min-w-0 gap-1">
        <p className="font-semibold break-words">
          <Said>{problem.message}</Said>
        </p>
        {problem.nextStep && (
          <p className="text-soft break-words">
            <Said>{problem.nextStep}</Said>
          </p>
        )}
        {problem.traceId && (
          <p className="font-mono text-xs break-all text-faint">
            {text.trace} {problem.traceId}
          </p>
        )}
        {retry && (
          <div className="mt-2">
            <Button small onClick={retry}>
              <RotateCw aria-hidden="true" className="size-4" /> {text.tryAgain}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
