// The pages in their groups: a column at the side on wide screens, the content of the menu on narrow ones.
import { Link, useLocation } from "@tanstack/react-router";
import { text } from "@/text/app";
import { NAVIGATION } from "./navigation";

const HERE = "bg-raised text-ink [&_svg]:text-accent";
const ELSEWHERE = "text-soft hover:bg-raised/60 hover:text-ink";

export function SideNav({ onGo }: { onGo?: () => void }) {
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <nav aria-label={text.pages} className="grid content-start gap-5">
      {NAVIGATION.map((group) => (
        <div key={group.name}>
          <p aria-hidden="true" className="px-3 pb-1 text-xs font-semibold text-faint">
            {group.name}
          </p>
          <ul className="grid gap-0.5">
            {group.pages.map((page) => {
              const { to, label, icon: Icon } = page;
              const within = "holds" in page && path === page.holds;
              return (
                <li key={to}>
                  <Link
                    to={to}
                    activeOptions={{ exact: to === "/", includeSearch: false }}
                    onClick={onGo}
                    className="flex min-h-10 items-center gap-3 rounded-xl px-3 text-sm font-semibold transition-colors lg:min-h-9"
                    activeProps={{ className: HERE }}
                    inactiveProps={within ? { className: HERE, "aria-current": "true" } : { className: ELSEWHERE }}
                  >
                    <Icon aria-hidden="true" className="size-[1.1rem] shrink-0" />
                    {label}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}
