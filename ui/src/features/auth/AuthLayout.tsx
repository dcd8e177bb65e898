// The frame of login and sign-up: the form, and in one sentence what is behind it.
import type { ReactNode } from "react";
import { usePageTitle } from "@/lib/usePageTitle";
import { text } from "@/text/auth";
import { Logo } from "@/ui/Logo";

type Props = { title: string; heading: string; lead: string; children: ReactNode; footer: ReactNode };

export function AuthLayout({ title, heading, lead, children, footer }: Props) {
  usePageTitle(title);
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-[26rem]">
        <div className="mb-8 flex items-center gap-3">
          <Logo className="size-10" />
          <div>
            <p className="text-xl leading-tight font-bold">{text.product}</p>
            <p className="text-sm text-soft">{text.manySystemsOneExplainedPicture}</p>
          </div>
        </div>
        <div className="rounded-3xl border border-line bg-surface p-6 shadow-card sm:p-8">
          <h1 className="text-2xl font-bold">{heading}</h1>
          <p className="mt-1 mb-6 text-soft">{lead}</p>
          {children}
        </div>
        <p className="mt-6 text-center text-soft">{footer}</p>
      </div>
    </main>
  );
}

export const authLinkClass = "font-semibold text-accent underline underline-offset-4";
