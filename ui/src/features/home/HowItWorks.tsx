// The four steps in a sentence each, with the way to the page that shows each of them.
import { Link } from "@tanstack/react-router";
import { ArrowRight, Cable, GitMerge, Languages, Sparkles } from "lucide-react";
import { text } from "@/text/home";

const LOOKS = [
  { icon: Cable, className: "text-source", to: "/connections" },
  { icon: Languages, className: "text-ontology", to: "/mappings" },
  { icon: GitMerge, className: "text-ontology", to: "/records" },
  { icon: Sparkles, className: "text-agent", to: "/ontology" },
] as const;

export function HowItWorks() {
  return (
    <section>
      <div className="mb-4 flex flex-wrap items-baseline justify-between gap-3">
        <h2 className="text-xl font-bold">{text.how}</h2>
        <Link to="/help" className="text-sm font-semibold text-accent underline-offset-4 hover:underline">
          {text.more}
        </Link>
      </div>
      <ol className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        {text.steps.map(([name, body], index) => {
          const look = LOOKS[index];
          if (!look) return null;
          const Icon = look.icon;
          return (
            <li key={name} className="flex flex-col rounded-2xl border border-line bg-surface p-5 shadow-card">
              <Icon aria-hidden="true" className={`size-6 ${look.className}`} />
              <h3 className="mt-3 font-bold">
                {index + 1}. {name}
              </h3>
              <p className="mt-1 mb-4 text-soft">{body}</p>
              <Link
                to={look.to}
                className="mt-auto flex items-center gap-1.5 text-sm font-semibold text-accent underline-offset-4 hover:underline"
              >
                {text.stepLinks[index]} <ArrowRight aria-hidden="true" className="size-4" />
              </Link>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
