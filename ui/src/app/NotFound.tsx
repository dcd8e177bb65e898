// What an unknown address shows.
import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { usePageTitle } from "@/lib/usePageTitle";
import { text } from "@/text/app";
import { Empty } from "@/ui/States";

export function NotFound() {
  usePageTitle(text.notFound.title);
  return (
    <main className="grid min-h-dvh place-items-center">
      <Empty
        icon={Compass}
        title={text.notFound.heading}
        action={
          <Link to="/" className="font-semibold text-accent underline underline-offset-4">
            {text.notFound.back}
          </Link>
        }
      >
        {text.notFound.body}
      </Empty>
    </main>
  );
}
