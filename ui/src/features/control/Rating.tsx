// Whether an answer, or a refusal, was of use.
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { text } from "@/text/control";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toasts";
import { useRate } from "./queries";

export function Rating({ id }: { id: string }) {
  const rate = useRate();
  const given = rate.isSuccess || rate.isPending ? rate.variables?.rating : undefined;
  const say = (rating: "up" | "down") =>
    rate.mutate({ id, rating }, { onSuccess: () => toast.done(text.thanks), onError: toast.failed });
  return (
    <fieldset className="flex flex-wrap items-center gap-2 text-sm text-soft">
      <legend className="sr-only">{text.rate}</legend>
      <span aria-hidden="true">{text.rate}</span>
      <Button small aria-label={text.up} aria-pressed={given === "up"} onClick={() => say("up")}>
        <ThumbsUp aria-hidden="true" className={`size-4 ${given === "up" ? "text-good" : ""}`} />
      </Button>
      <Button small aria-label={text.down} aria-pressed={given === "down"} onClick={() => say("down")}>
        <ThumbsDown aria-hidden="true" className={`size-4 ${given === "down" ? "text-bad" : ""}`} />
      </Button>
    </fieldset>
  );
}
