// The way to the discovery service, where its answers can be read and proposed from.
import { Link } from "@tanstack/react-router";
import { text } from "@/text/orchestration";

export function AskDiscovery({ configured }: { configured: boolean }) {
  if (!configured) {
    return (
      <p className="text-sm text-faint">
        {text.noDiscoveryServiceAodIsConfigured} <code>{text.aodUrl}</code>.
      </p>
    );
  }
  return (
    <Link
      to="/discovery"
      className="inline-flex min-h-9 items-center font-semibold text-accent underline-offset-4 hover:underline"
    >
      {text.askTheDiscoveryService}
    </Link>
  );
}
