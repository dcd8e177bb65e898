// Who is logged in, and the way out.
import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { api, call } from "@/api/client";
import { session, useUser } from "@/api/session";

/** Has the server end the session, then forgets it here, whatever the server says: a token that was not revoked expires by itself. */
function logOut() {
  call(api.POST("/api/v1/auth/logout"))
    .catch(() => undefined)
    .finally(() => session.logout());
}

export function ProfileMenu() {
  const user = useUser();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => call(api.GET("/api/v1/auth/me", { signal })) });
  if (!user) return null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={`Profile of ${user.name || user.email}`}
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
          <DropdownMenu.Item
            onSelect={logOut}
            className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-xl px-3 font-semibold text-bad outline-none data-highlighted:bg-bad/10"
          >
            <LogOut aria-hidden="true" className="size-4" /> Log out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
