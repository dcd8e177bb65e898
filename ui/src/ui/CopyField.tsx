// A text that is to be taken elsewhere, such as a key or a command, with a button that copies it.
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { text } from "@/text/parts";
import { toast } from "./toasts";

const SAID_FOR_MS = 2_000;

export function CopyField({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      setTimeout(() => setCopied(false), SAID_FOR_MS);
    } catch {
      toast.failed(new Error(text.copyFailed));
    }
  };
  return (
    <div
      role="group"
      aria-label={label}
      className="flex items-start gap-2 rounded-xl border border-line-strong bg-bg py-1.5 pr-1.5 pl-3.5"
    >
      <code
        data-copy={label}
        className="min-w-0 flex-1 py-1.5 font-mono text-[0.8125rem] break-all whitespace-pre-wrap select-all"
      >
        {value}
      </code>
      <button
        type="button"
        onClick={() => void copy()}
        className="flex min-h-9 shrink-0 items-center gap-1.5 rounded-lg px-2.5 text-sm font-semibold text-accent hover:bg-raised"
      >
        {copied ? <Check aria-hidden="true" className="size-4" /> : <Copy aria-hidden="true" className="size-4" />}
        <span aria-live="polite">{copied ? text.copied : text.copy}</span>
      </button>
    </div>
  );
}
