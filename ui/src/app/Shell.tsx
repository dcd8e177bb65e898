// The frame around every page of a logged-in person: top bar, live connection, page.
import { Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { fetchPagesWhenIdle } from "./pages";
import { TopBar } from "./TopBar";
import { useLiveUpdates } from "./useLiveUpdates";

export function Shell() {
  useLiveUpdates();
  useEffect(fetchPagesWhenIdle, []);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-xl focus:bg-accent focus:px-4 focus:py-2 focus:text-on-accent"
      >
        Skip to the page
      </a>
      <TopBar />
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto w-full max-w-[100rem] flex-1 px-4 py-6 outline-none sm:px-6 lg:px-8"
      >
        <Outlet />
      </main>
    </div>
  );
}
