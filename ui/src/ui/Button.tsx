// Buttons: one primary action per view, quiet ones beside it, and a red one that ends something.
import { clsx } from "clsx";
import type { ButtonHTMLAttributes } from "react";

type Tone = "primary" | "quiet" | "danger";

const TONES: Record<Tone, string> = {
  primary: "bg-accent text-on-accent hover:brightness-110 disabled:bg-raised disabled:text-faint",
  quiet: "border border-line-strong text-ink hover:bg-raised disabled:text-faint",
  danger: "border border-bad/50 text-bad hover:bg-bad/10",
};

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { tone?: Tone; small?: boolean };

export function Button({ tone = "quiet", small = false, className, type = "button", ...rest }: Props) {
  return (
    <button
      type={type}
      className={clsx(
        "inline-flex items-center justify-center gap-2 rounded-xl font-semibold whitespace-nowrap transition-colors",
        small ? "min-h-9 px-3 text-sm" : "min-h-11 px-5",
        TONES[tone],
        className,
      )}
      {...rest}
    />
  );
}
