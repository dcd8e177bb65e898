// Why a form was refused and what to do, in the server's own words.
import { CircleAlert } from "lucide-react";
import { asProblem } from "@/api/problem";

export function FormProblem({ error }: { error: unknown }) {
  const problem = asProblem(error);
  return (
    <div role="alert" className="flex gap-2.5 rounded-xl border border-bad/40 bg-bad/10 px-3.5 py-3 text-sm">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-bad" />
      <div>
        <p className="font-semibold">{problem.message}</p>
        {problem.nextStep && <p className="mt-0.5 text-soft">{problem.nextStep}</p>}
      </div>
    </div>
  );
}
