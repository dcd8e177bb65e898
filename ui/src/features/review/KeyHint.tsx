// The key that does the same as the button it stands on; not on screens without a keyboard.
export function KeyHint({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="rounded-md border border-current px-1 font-sans text-xs leading-4 max-lg:hidden pointer-coarse:hidden"
    >
      {name}
    </span>
  );
}
