// A question to the AOD service about the organisation's systems; its answer is a task's result.
import { type FormEvent, useState } from "react";
import { text } from "@/text/orchestration";
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
        {text.noDiscoveryServiceAodIsConfigured} <code>{text.aodUrl}</code>.
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
        label={text.askTheDiscoveryService}
        placeholder={text.whichSystemsHoldOurCloudCost}
        maxLength={2000}
        required
        value={question}
        onChange={(event) => setQuestion(event.target.value)}
      />
      <div>
        <Button small type="submit" disabled={discover.isPending || question.trim() === ""}>
          {text.discover}
        </Button>
      </div>
      {discover.error && <Failure error={discover.error} />}
    </form>
  );
}
