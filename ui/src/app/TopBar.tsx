// Brand, navigation, live state, theme and profile. On small screens the navigation folds into a menu.
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Menu, Moon, Sun, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { chooseTheme, useTheme } from "@/lib/theme";
import { Logo } from "@/ui/Logo";
import { LiveDot } from "./LiveDot";
import { ProfileMenu } from "./ProfileMenu";

const PAGES = [
  { to: "/", label: "Ontology" },
  { to: "/mappings", label: "Mappings" },
  { to: "/sources", label: "Sources" },
  { to: "/records", label: "Records" },
  { to: "/rejections", label: "Rejections" },
  { to: "/ledger", label: "Ledger" },
  { to: "/orchestration", label: "Orchestration" },
] as const;

const iconButton = "grid size-10 shrink-0 place-items-center rounded-xl text-soft hover:bg-raised hover:text-ink";

export function TopBar() {
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-bg/90 backdrop-blur">
      <div className="mx-auto flex h-14 w-full max-w-[100rem] items-center gap-2 px-4 sm:px-6 lg:px-8">
        <MobileNav />
        <Link to="/" className="mr-3 flex items-center gap-2.5 rounded-lg font-bold lg:mr-6">
          <Logo />
          <span className="text-[1.05rem]">AutonomOS</span>
        </Link>
        <nav aria-label="Pages" className="hidden items-center gap-0.5 lg:flex">
          {PAGES.map((page) => (
            <Link
              key={page.to}
              to={page.to}
              activeOptions={{ exact: page.to === "/", includeSearch: false }}
              className="relative rounded-lg px-3 py-2 text-sm font-semibold transition-colors"
              activeProps={{
                className:
                  "text-ink after:absolute after:inset-x-3 after:-bottom-[10px] after:h-0.5 after:rounded-full after:bg-accent",
              }}
              inactiveProps={{ className: "text-soft hover:text-ink" }}
            >
              {page.label}
            </Link>
          ))}
        </nav>
        <div className="ml-auto flex items-center gap-1">
          <LiveDot />
          <ThemeToggle />
          <ProfileMenu />
        </div>
      </div>
    </header>
  );
}

function ThemeToggle() {
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      className={iconButton}
      aria-label={`Use the ${other} theme`}
      onClick={() => chooseTheme(other)}
    >
      {theme === "dark" ? (
        <Sun aria-hidden="true" className="size-5" />
      ) : (
        <Moon aria-hidden="true" className="size-5" />
      )}
    </button>
  );
}

function MobileNav() {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className={clsx(iconButton, "-ml-2 lg:hidden")}
        aria-label={open ? "Close the menu" : "Open the menu"}
      >
        {open ? <X aria-hidden="true" className="size-5" /> : <Menu aria-hidden="true" className="size-5" />}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={8}
          className="z-40 w-60 rounded-2xl border border-line bg-surface p-2 shadow-card outline-none lg:hidden"
        >
          <nav aria-label="Pages" className="grid">
            {PAGES.map((page) => (
              <Link
                key={page.to}
                to={page.to}
                activeOptions={{ exact: page.to === "/", includeSearch: false }}
                onClick={() => setOpen(false)}
                className="rounded-xl px-3.5 py-2.5 font-semibold"
                activeProps={{ className: "bg-raised text-ink" }}
                inactiveProps={{ className: "text-soft" }}
              >
                {page.label}
              </Link>
            ))}
          </nav>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
