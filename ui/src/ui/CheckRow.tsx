// One choice in a list: a real check box with a large target and room for what belongs to it.
import type { ReactNode } from "react";

type Props = {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
};

export function CheckRow({ label, checked, disabled, onChange, children }: Props) {
  return (
    <label className="flex min-h-11 cursor-pointer items-center gap-3 rounded-xl px-2 py-1.5 hover:bg-raised/70 has-disabled:cursor-default has-disabled:hover:bg-transparent">
      <input
        type="checkbox"
        aria-label={label}
        className="size-[1.1rem] shrink-0 accent-accent"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="min-w-0 flex-1">{children}</span>
    </label>
  );
}
