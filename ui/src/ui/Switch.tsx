// Something that is on or off. The state stands beside it as a word where the caller writes one.
import { clsx } from "clsx";

type Props = {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  describedBy?: string;
};

export function Switch({ label, checked, onChange, disabled = false, describedBy }: Props) {
  return (
    <button
      type="button"
      role="switch"
      aria-label={label}
      aria-checked={checked}
      aria-describedby={describedBy}
      disabled={disabled}
      onClick={() => onChange(!checked)}
      className={clsx(
        "relative h-6 w-11 shrink-0 rounded-full border transition-colors disabled:opacity-50",
        checked ? "border-accent bg-accent" : "border-line-strong bg-raised",
      )}
    >
      <span
        aria-hidden="true"
        className={clsx(
          "absolute top-0.5 left-0.5 size-[1.125rem] rounded-full transition-transform",
          checked ? "translate-x-5 bg-on-accent" : "bg-soft",
        )}
      />
    </button>
  );
}
