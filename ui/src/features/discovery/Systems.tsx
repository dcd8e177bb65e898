// The systems that the discovery service found, each with what can be done about it.
import { Link } from "@tanstack/react-router";
import { useMay } from "@/api/permissions";
import type { Asset, Assets } from "@/api/types";
import { text as all } from "@/text/discovery";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Confidence } from "@/ui/Confidence";
import { StatusDot } from "@/ui/StatusDot";
import { TableFrame, Td, Th } from "@/ui/Table";
import { toast } from "@/ui/toasts";
import { useNote } from "./queries";
import { TONES } from "./states";

const text = all.assets;

type Props = { systems: Asset[]; answered: Assets["answered"]; onOpen: (intent: string) => void };

export function Systems({ systems, answered, onOpen }: Props) {
  return (
    <TableFrame label={text.systems(systems.length)} className="border-t border-line">
      <thead>
        <tr>
          <Th>{text.columns.name}</Th>
          <Th>{text.columns.kind}</Th>
          <Th className="max-md:hidden">{text.columns.owner}</Th>
          <Th className="max-md:hidden">{text.columns.seen}</Th>
          <Th className="max-sm:hidden">{text.columns.sure}</Th>
          <Th>{text.columns.what}</Th>
        </tr>
      </thead>
      <tbody>
        {systems.map((system) => (
          <tr key={system.id} data-asset={system.id}>
            <Td>
              <span className="block font-semibold break-words">{system.name}</span>
              <span className="block text-xs break-words text-faint">{system.evidence.join("; ")}</span>
              <span className="mt-1 block sm:hidden">
                <Confidence value={system.confidence} />
              </span>
            </Td>
            <Td>
              {system.source_type ? (
                <Badge tone="source">{system.source_type}</Badge>
              ) : (
                <span className="text-faint">{text.unknown}</span>
              )}
            </Td>
            <Td className="max-md:hidden">{said(system, "owner")}</Td>
            <Td className="max-md:hidden">
              <span className="num">{said(system, "last_seen")}</span>
            </Td>
            <Td className="max-sm:hidden">
              <Confidence value={system.confidence} />
            </Td>
            <Td>
              <Next system={system} answered={answered} onOpen={onOpen} />
            </Td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

/** What the service says of a system, where it says it. */
function said({ attributes }: Asset, name: string): string {
  const value = attributes[name];
  return typeof value === "string" && value !== "" ? value : text.unsaid;
}

function Next({ system, answered, onOpen }: { system: Asset } & Pick<Props, "answered" | "onOpen">) {
  const note = useNote();
  const proposes = useMay("connections:write") === true;
  const { intent } = system;
  if (intent) {
    return (
      <button
        type="button"
        onClick={() => onOpen(intent.id)}
        className="inline-flex min-h-9 items-center font-semibold underline-offset-4 hover:underline"
      >
        <StatusDot tone={TONES[intent.state]}>{all.states[intent.state]}</StatusDot>
      </button>
    );
  }
  if (!proposes || !system.source_type) return null;
  if (system.connector) {
    return (
      <Link
        to="/connections"
        search={{ add: "propose", asset: system.id }}
        className="inline-flex min-h-9 items-center font-semibold whitespace-nowrap text-accent underline-offset-4 hover:underline"
      >
        {text.propose}
      </Link>
    );
  }
  return (
    <Button
      small
      title={text.noteHint}
      disabled={note.isPending}
      onClick={() =>
        note.mutate(
          { asset: system, answered },
          { onSuccess: () => toast.done(text.noted(system.name)), onError: toast.failed },
        )
      }
    >
      {text.note}
    </Button>
  );
}
