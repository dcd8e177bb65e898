// Begins a session from a login or sign-up and goes where the person was heading.
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { session } from "@/api/session";
import type { Session } from "@/api/types";

export function useEnter<Form>(request: (form: Form) => Promise<Session>, next: string | undefined) {
  const router = useRouter();
  return useMutation({
    mutationFn: request,
    onSuccess: (granted) => {
      session.begin(granted);
      router.history.push(next ?? "/");
    },
  });
}
