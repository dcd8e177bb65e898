// A list of everything one can go to or do, found by a few letters and chosen with the keyboard. What there is, is the caller's.
import { clsx } from "clsx";
import { CornerDownLeft, type LucideIcon, Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type Command, findCommands } from "./commands";

type Words = { title: string; placeholder: string; nothing: string; hint: string };

type Props = {
  commands: Command[];
  icons: Record<string, LucideIcon>;
  words: Words;
  /** What can be done with words that name nothing. */
  fallback?: (query: string) => Command[];
  onClose: () => void;
};

export function CommandPalette({ commands, icons, words, fallback, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useMemo(() => {
    const named = findCommands(commands, query);
    return query.trim() && fallback ? [...named, ...fallback(query.trim())] : named;
  }, [commands, query, fallback]);

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  useEffect(() => {
    list.current?.querySelector(`[data-index="${chosen}"]`)?.scrollIntoView?.({ block: "nearest" });
  }, [chosen]);

  const take = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % found.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      take(found[chosen]);
    }
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way to close
    <dialog
      ref={dialog}
      aria-label={words.title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className="mx-auto mt-[12dvh] w-[calc(100vw-2rem)] max-w-xl overflow-hidden rounded-3xl border border-line-strong bg-surface p-0 text-ink shadow-card backdrop:bg-black/55"
    >
      <div className="flex items-center gap-3 border-b border-line px-5">
        <Search aria-hidden="true" className="size-5 shrink-0 text-faint" />
        <input
          role="combobox"
          aria-label={words.title}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
          placeholder={words.placeholder}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={press}
          className="min-h-14 w-full bg-transparent text-base outline-none placeholder:text-faint"
        />
      </div>
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={words.title}
        className="max-h-[52dvh] overflow-y-auto p-2"
      >
        {found.map((command, index) => {
          const Icon = icons[command.group];
          const newGroup = found[index - 1]?.group !== command.group;
          return (
            <div key={command.id} role="presentation">
              {newGroup && (
                <p aria-hidden="true" className="px-3 pt-2 pb-1 text-xs font-semibold text-faint">
                  {command.group}
                </p>
              )}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's */}
              <div
                role="option"
                id={`${id}-${index}`}
                data-index={index}
                aria-selected={index === chosen}
                onClick={() => take(command)}
                onMouseMove={() => setChosen(index)}
                className={clsx(
                  "flex min-h-11 cursor-pointer items-center gap-3 rounded-xl px-3",
                  index === chosen ? "bg-raised text-ink" : "text-soft",
                )}
              >
                {Icon && <Icon aria-hidden="true" className="size-4 shrink-0" />}
                <span className="min-w-0 flex-1 truncate font-semibold">{command.label}</span>
                {command.note && <span className="shrink-0 text-sm text-faint">{command.note}</span>}
                {index === chosen && <CornerDownLeft aria-hidden="true" className="size-4 shrink-0 text-faint" />}
              </div>
            </div>
          );
        })}
        {found.length === 0 && <p className="px-3 py-8 text-center text-faint">{words.nothing}</p>}
      </div>
      <p className="border-t border-line px-5 py-2.5 text-xs text-faint max-sm:hidden">{words.hint}</p>
    </dialog>
  );
}
