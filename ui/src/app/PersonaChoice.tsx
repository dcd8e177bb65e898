// Whose view the person takes, chosen in the profile menu and kept by the server.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { api, call } from "@/api/client";
import { ownPersonaQuery, personasQuery } from "@/api/queries";
import { text } from "@/text/app";
import { toast } from "@/ui/toasts";

export function PersonaChoice() {
  const queryClient = useQueryClient();
  const personas = useQuery(personasQuery);
  const own = useQuery(ownPersonaQuery);
  const choose = useMutation({
    mutationFn: (persona: string) => call(api.PUT("/api/v1/nlp/persona", { body: { persona } })),
    onSuccess: (kept) => queryClient.setQueryData(ownPersonaQuery.queryKey, kept),
    onError: toast.failed,
  });
  if (!personas.data || !own.data) return null;
  return (
    <DropdownMenu.RadioGroup value={own.data.persona ?? ""} onValueChange={(persona) => choose.mutate(persona)}>
      <DropdownMenu.Label className="px-3 pt-1.5 text-xs font-semibold text-faint">
        {text.profile.persona}
      </DropdownMenu.Label>
      <div className="flex flex-wrap gap-1 p-1.5">
        {personas.data.items.map(({ id, name, description }) => (
          <DropdownMenu.RadioItem
            key={id}
            value={id}
            title={description}
            onSelect={(event) => event.preventDefault()}
            className="flex min-h-8 cursor-pointer items-center gap-1 rounded-full border border-line-strong px-2.5 text-sm font-semibold outline-none data-highlighted:bg-raised data-[state=checked]:border-accent"
          >
            <DropdownMenu.ItemIndicator>
              <Check aria-hidden="true" className="size-3.5" />
            </DropdownMenu.ItemIndicator>
            {name}
          </DropdownMenu.RadioItem>
        ))}
      </div>
      <DropdownMenu.Separator className="mx-1 mb-1 h-px bg-line" />
    </DropdownMenu.RadioGroup>
  );
}
