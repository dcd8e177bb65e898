// "AOS Help": questions and answers that can be searched, the keyboard, and the way to the reference.
import { Link } from "@tanstack/react-router";
import { ArrowUpRight, CircleHelp } from "lucide-react";
import { useState } from "react";
import { text } from "@/text/help";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { PageHeader } from "@/ui/PageHeader";
import { Empty } from "@/ui/States";

type Question = { q: string; a: string; to?: string; link?: string };

/** Keeps the questions that contain every word. */
export function findQuestions<Topic extends { name: string; questions: Question[] }>(topics: Topic[], search: string) {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ q, a }: Question) => wanted.every((word) => `${q} ${a}`.toLowerCase().includes(word));
  return topics
    .map((topic) => ({ name: topic.name, questions: topic.questions.filter(fits) }))
    .filter((topic) => topic.questions.length > 0);
}

export function HelpPage() {
  const [search, setSearch] = useState("");
  const topics = findQuestions(text.topics, search);
  return (
    <div className="grid gap-6">
      <PageHeader title={text.title}>{text.lead}</PageHeader>
      <div className="max-w-md">
        <Field label={text.search} type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
      </div>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="grid gap-5">
          {topics.length === 0 ? (
            <Card>
              <Empty icon={CircleHelp} title={text.none}>
                {text.noneLead}
              </Empty>
            </Card>
          ) : (
            topics.map((topic) => (
              <Card key={topic.name} title={topic.name} flush>
                {topic.questions.map((question) => (
                  <Answer key={question.q} question={question} open={search.trim() !== ""} />
                ))}
              </Card>
            ))
          )}
        </div>
        <div className="grid gap-5">
          <Card title={text.keys}>
            <dl className="grid gap-3">
              {text.shortcuts.map(([keys, what]) => (
                <div key={keys}>
                  <dt className="font-mono text-sm font-semibold">{keys}</dt>
                  <dd className="text-sm text-soft">{what}</dd>
                </div>
              ))}
            </dl>
          </Card>
          <Card title={text.reference}>
            <ul className="grid gap-3">
              {text.references.map(([href, name, what]) => (
                <li key={href}>
                  <a
                    href={href}
                    target="_blank"
                    rel="noreferrer"
                    className="inline-flex items-center gap-1 font-semibold text-accent underline-offset-4 hover:underline"
                  >
                    {name} <ArrowUpRight aria-hidden="true" className="size-4" />
                  </a>
                  <p className="text-sm text-soft">{what}</p>
                </li>
              ))}
            </ul>
          </Card>
        </div>
      </div>
    </div>
  );
}

const linkClass = "font-semibold text-accent underline-offset-4 hover:underline";

function Answer({ question, open }: { question: Question; open: boolean }) {
  return (
    <details className="group border-t border-line" open={open}>
      <summary className="px-5 py-3.5 font-semibold hover:bg-raised/50">{question.q}</summary>
      <div className="px-5 pb-4 text-soft">
        <p className="max-w-3xl">{question.a}</p>
        {question.to?.startsWith("/docs") ? (
          <a href={question.to} target="_blank" rel="noreferrer" className={linkClass}>
            {question.link}
          </a>
        ) : (
          question.to && (
            <Link to={question.to} className={linkClass}>
              {question.link}
            </Link>
          )
        )}
      </div>
    </details>
  );
}
