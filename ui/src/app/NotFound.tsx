// What an unknown address shows.
import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { usePageTitle } from "@/lib/usePageTitle";
import { Empty } from "@/ui/States";

export function NotFound() {
  usePageTitle("AOS Page not found");
  return (
    <main className="grid min-h-dvh place-items-center">
      <Empty
        icon={Compass}
        title="There is no page here"
        action={
          <Link to="/" className="font-semibold text-accent underline underline-offset-4">
            Go to AOS Ontology
          </Link>
        }
      >
        The address may be mistyped, or the page may have moved.
      </Empty>
    </main>
  );
}
