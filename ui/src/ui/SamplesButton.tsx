// Connects the sample data by one press. Nothing where the operator offers none, or for those who may not connect.
import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useMay } from "@/api/permissions";
import { samplesQuery, useAddSamples } from "@/api/samples";
import { text } from "@/text/parts";
import { Button } from "./Button";
import { toast } from "./toasts";

export function SamplesButton({ small = false }: { small?: boolean }) {
  const samples = useQuery(samplesQuery);
  const add = useAddSamples();
  const writes = useMay("connections:write") === true;
  if (!writes || !samples.data?.offered) return null;
  return (
    <Button
      small={small}
      tone="primary"
      disabled={add.isPending}
      onClick={() => add.mutate({}, { onSuccess: () => toast.done(text.samplesAdded), onError: toast.failed })}
    >
      <Sparkles aria-hidden="true" className="size-4" /> {add.isPending ? text.samplesAdding : text.samplesAdd}
    </Button>
  );
}
