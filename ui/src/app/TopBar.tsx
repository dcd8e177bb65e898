// Brand, search, live state, theme and profile. On narrow screens the navigation folds into a menu here.
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Menu, Moon, Search, Sun, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { chooseTheme, useTheme } from "@/lib/theme";
import { text } from "@/text/app";
import { Logo } from "@/ui/Logo";
import { LiveDot } from "./LiveDot";
import { ProfileMenu } from "./ProfileMenu";
import { SideNav } from "./SideNav";

const iconButton = "grid size-10 shrink-0 place-items-center rounded-xl text-soft hover:bg-raised hover:text-ink";

export function TopBar({ onSearch }: { onSearch: () => void }) {
  return (
    <header className="sticky top-0 z-30 h-14 border-b border-line bg-bg/90 backdrop-blur">
      <div className="flex h-full w-full items-center gap-2 px-4 sm:px-6">
        <MobileNav />
        <Link to="/" className="flex items-center gap-2.5 rounded-lg font-bold lg:w-[13.5rem]">
          <Logo />
          <span className="text-[1.05rem] max-[26rem]:sr-only">{text.product}</span>
        </Link>
        <button
          type="button"
          onClick={onSearch}
          aria-keyshortcuts="Control+K Meta+K"
          className="ml-auto flex min-h-10 items-center gap-2.5 rounded-xl text-sm text-faint hover:text-ink max-sm:px-2.5 sm:ml-4 sm:w-72 sm:border sm:border-line sm:bg-surface sm:px-3.5 sm:hover:border-line-strong"
        >
          <Search aria-hidden="true" className="size-[1.1rem] shrink-0" />
          <span className="max-sm:sr-only">{text.palette.open}</span>
          <kbd className="ml-auto rounded-md border border-line px-1.5 font-sans text-xs max-sm:hidden">
            {shortcut()}
          </kbd>
        </button>
        <div className="flex items-center gap-1 sm:ml-auto">
          <LiveDot />
          <ThemeToggle />
          <ProfileMenu />
        </div>
      </div>
    </header>
  );
}

const shortcut = () => (/Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl K");

function ThemeToggle() {
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  const Icon = theme === "dark" ? Sun : Moon;
  return (
    <button
      type="button"
      className={clsx(iconButton, "max-sm:hidden")}
      aria-label={text.themeChoice(other)}
      onClick={() => chooseTheme(other)}
    >
      <Icon aria-hidden="true" className="size-5" />
    </button>
  );
}

function MobileNav() {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className={clsx(iconButton, "-ml-2 lg:hidden")}
        aria-label={open ? text.closeMenu : text.openMenu}
      >
        {open ? <X aria-hidden="true" className="size-5" /> : <Menu aria-hidden="true" className="size-5" />}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={8}
          collisionPadding={8}
          className="z-40 max-h-[calc(var(--radix-popover-content-available-height))] w-64 overflow-y-auto rounded-2xl border border-line bg-surface p-2 pt-3 shadow-card outline-none lg:hidden"
        >
          <SideNav onGo={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
