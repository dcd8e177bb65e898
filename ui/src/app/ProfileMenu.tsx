// Who is logged in, the way to their settings, and the way out.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, Moon, Settings, Sun, UserRound } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { meQuery } from "@/api/queries";
import { useUser } from "@/api/session";
import { chooseTheme, useTheme } from "@/lib/theme";
import { text } from "@/text/app";
import { logOut } from "./logOut";
import { PersonaChoice } from "./PersonaChoice";

const itemClass =
  "flex min-h-10 cursor-pointer items-center gap-2.5 rounded-xl px-3 font-semibold outline-none data-highlighted:bg-raised";

export function ProfileMenu() {
  const user = useUser();
  const navigate = useNavigate();
  const theme = useTheme();
  const me = useQuery(meQuery);
  const other = theme === "dark" ? "light" : "dark";
  if (!user) return null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={text.profile.of(user.name || user.email)}
        className="ml-1 grid size-9 place-items-center rounded-full border border-line-strong bg-raised text-sm font-bold text-ink hover:border-faint"
      >
        {(user.name || user.email).charAt(0).toUpperCase()}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={8}
          className="z-40 w-64 rounded-2xl border border-line bg-surface p-2 shadow-card"
        >
          <div className="px-3 pt-1.5 pb-3">
            <p className="truncate font-bold">{user.name || user.email}</p>
            <p className="truncate text-sm text-soft">{user.email}</p>
            <p className="mt-2 truncate text-sm text-faint">
              {me.data ? `${me.data.tenant.name} · ` : ""}
              {user.role}
            </p>
          </div>
          <DropdownMenu.Separator className="mx-1 mb-1 h-px bg-line" />
          <PersonaChoice />
          <DropdownMenu.Item
            className={itemClass}
            onSelect={() => void navigate({ to: "/settings/$section", params: { section: "profile" } })}
          >
            <UserRound aria-hidden="true" className="size-4" /> {text.profile.own}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className={itemClass}
            onSelect={() => void navigate({ to: "/settings/$section", params: { section: "members" } })}
          >
            <Settings aria-hidden="true" className="size-4" /> {text.profile.settings}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={`${itemClass} sm:hidden`} onSelect={() => chooseTheme(other)}>
            {other === "light" ? (
              <Sun aria-hidden="true" className="size-4" />
            ) : (
              <Moon aria-hidden="true" className="size-4" />
            )}{" "}
            {text.themeChoice(other)}
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />
          <DropdownMenu.Item
            onSelect={logOut}
            className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-xl px-3 font-semibold text-bad outline-none data-highlighted:bg-bad/10"
          >
            <LogOut aria-hidden="true" className="size-4" /> {text.profile.logOut}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
