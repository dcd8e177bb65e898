// A question to the AOD service about the organisation's systems; its answer is a task's result.
import { type FormEvent, useState } from "react";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { useDiscover } from "./queries";

type Props = { configured: boolean; onOpen: (task: string) => void };

export function AskDiscovery({ configured, onOpen }: Props) {
  const [question, setQuestion] = useState("");
  const discover = useDiscover();
  if (!configured) {
    return (
      <p className="text-sm text-faint">
        No discovery service (AOD) is configured here. The operator names one in the setting <code>aod.url</code>.
      </p>
    );
  }
  const ask = (event: FormEvent) => {
    event.preventDefault();
    discover.mutate(question, { onSuccess: (task) => onOpen((task as { id: string }).id) });
  };
  return (
    <form onSubmit={ask} className="grid gap-2.5">
      <Field
        label="Ask the discovery service"
        placeholder="Which systems hold our cloud cost?"
        maxLength={2000}
        required
        value={question}
        onChange={(event) => setQuestion(event.target.value)}
      />
      <div>
        <Button small type="submit" disabled={discover.isPending || question.trim() === ""}>
          Discover
        </Button>
      </div>
      {discover.error && <Failure error={discover.error} />}
    </form>
  );
}
