// Where ended tasks are told: Slack, callback addresses, and what calls are signed with.
import { Below } from "@/ui/Below";
import { CallbacksCard } from "./CallbacksCard";
import { SlackCard } from "./SlackCard";

export function NotificationsSection() {
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <SlackCard />
      <Below>
        <CallbacksCard />
      </Below>
    </div>
  );
}
