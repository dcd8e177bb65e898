// The frame around every page of a logged-in person: top bar, navigation, live connection, search, page.
import { Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { text } from "@/text/app";
import { Toaster } from "@/ui/Toaster";
import { OfflineNote } from "./OfflineNote";
import { Palette } from "./Palette";
import { fetchPagesWhenIdle } from "./pages";
import { SideNav } from "./SideNav";
import { SignInAgain } from "./SignInAgain";
import { TopBar } from "./TopBar";
import { useLiveUpdates } from "./useLiveUpdates";

export function Shell() {
  const [searching, setSearching] = useState(false);
  useLiveUpdates();
  useEffect(fetchPagesWhenIdle, []);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      // A dialog that is open keeps the page behind it out of reach.
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      setSearching(true);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-xl focus:bg-accent focus:px-4 focus:py-2 focus:text-on-accent"
      >
        {text.skip}
      </a>
      <TopBar onSearch={() => setSearching(true)} />
      <OfflineNote />
      <div className="flex flex-1">
        <aside className="sticky top-14 hidden h-[calc(100dvh-3.5rem)] w-56 shrink-0 overflow-y-auto border-r border-line px-3 py-3 [scrollbar-width:thin] lg:block">
          <SideNav />
        </aside>
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-[100rem] min-w-0 flex-1 px-4 py-6 outline-none sm:px-6 lg:px-8"
        >
          <Outlet />
        </main>
      </div>
      {searching && <Palette onClose={() => setSearching(false)} />}
      <SignInAgain />
      <Toaster />
    </div>
  );
}
