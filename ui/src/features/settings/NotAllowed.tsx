// Shown in the place of a part that the person's role does not reach.
import { Lock } from "lucide-react";
import { useUser } from "@/api/session";
import { text } from "@/text/settings";
import { Card } from "@/ui/Card";
import { Empty } from "@/ui/States";

export function NotAllowed({ title }: { title: string }) {
  const user = useUser();
  return (
    <Card>
      <Empty icon={Lock} title={title}>
        {text.notAllowed(user?.role ?? "")}
      </Empty>
    </Card>
  );
}
