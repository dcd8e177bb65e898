// Who belongs to the organisation, with their roles, and who is invited.
import { useInfiniteQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import { useUser } from "@/api/session";
import type { Role, User } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text as all } from "@/text/settings";
import { Badge } from "@/ui/Badge";
import { Below } from "@/ui/Below";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ConfirmDialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { Pages } from "@/ui/Pages";
import { toast } from "@/ui/toasts";
import { InvitationsCard } from "./InvitationsCard";
import { InviteDialog } from "./InviteDialog";
import { membersQuery, useChangeRole, useRemoveMember } from "./queries";
import { ResetDialog } from "./ResetDialog";
import { isAbove, rolesUpTo } from "./roles";

const text = all.members;

export function MembersSection() {
  const members = useInfiniteQuery(membersQuery);
  const manages = useMay("members:manage") === true;
  const [inviting, setInviting] = useState(false);
  const [locked, setLocked] = useState<User | null>(null);
  const [leaving, setLeaving] = useState<User | null>(null);
  const remove = useRemoveMember();
  return (
    <div className="grid gap-5">
      <Card
        flush
        title={all.sections.members}
        aside={
          manages && (
            <Button small tone="primary" onClick={() => setInviting(true)}>
              <UserPlus aria-hidden="true" className="size-4" /> {text.invite}
            </Button>
          )
        }
      >
        <p className="-mt-1 px-5 pb-3 text-sm text-soft">{text.lead}</p>
        <Pages query={members} loading={text.loading} empty={null}>
          {(items) => (
            <ul>
              {items.map((member) => (
                <MemberRow
                  key={member.id}
                  member={member}
                  manages={manages}
                  onReset={() => setLocked(member)}
                  onRemove={() => setLeaving(member)}
                />
              ))}
            </ul>
          )}
        </Pages>
      </Card>
      <Below>{manages && <InvitationsCard />}</Below>
      {locked && <ResetDialog member={locked} onClose={() => setLocked(null)} />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {leaving && (
        <ConfirmDialog
          title={text.removeOne(leaving.name)}
          confirm={text.remove}
          busy={remove.isPending}
          onClose={() => setLeaving(null)}
          onConfirm={() =>
            remove.mutate(leaving.id, {
              onSuccess: () => toast.done(text.removed(leaving.name)),
              onError: toast.failed,
              onSettled: () => setLeaving(null),
            })
          }
        >
          {text.removeLead(leaving.name)}
        </ConfirmDialog>
      )}
    </div>
  );
}

type RowProps = { member: User; manages: boolean; onReset: () => void; onRemove: () => void };

function MemberRow({ member, manages, onReset, onRemove }: RowProps) {
  const user = useUser();
  const change = useChangeRole();
  const own = member.id === user?.id;
  const changeable = manages && user && !isAbove(member.role, user.role);
  const give = (role: Role) =>
    change.mutate(
      { id: member.id, role },
      { onSuccess: () => toast.done(text.changed(member.name, role)), onError: toast.failed },
    );
  return (
    <li
      data-member={member.email}
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3"
    >
      <span
        aria-hidden="true"
        className="grid size-9 shrink-0 place-items-center rounded-full border border-line-strong bg-raised text-sm font-bold"
      >
        {(member.name || member.email).charAt(0).toUpperCase()}
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 font-semibold">
          <span className="min-w-0 truncate">{member.name}</span>
          {own && <Badge>{text.you}</Badge>}
        </p>
        <p className="truncate text-sm text-soft">
          {member.email} · {text.joined} {formatMoment(member.created_at)}
        </p>
      </div>
      {changeable ? (
        <>
          <select
            aria-label={text.roleOf(member.name)}
            title={all.roles[member.role]}
            className={`${inputClass} min-h-10 text-sm sm:w-32`}
            value={member.role}
            disabled={change.isPending}
            onChange={(event) => give(event.target.value as Role)}
          >
            {rolesUpTo(user.role).map((role) => (
              <option key={role} value={role}>
                {role}
              </option>
            ))}
          </select>
          {!own && (
            <>
              <Button small aria-label={all.resets.resetOne(member.name)} onClick={onReset}>
                {all.resets.reset}
              </Button>
              <Button small tone="danger" aria-label={text.removeOne(member.name)} onClick={onRemove}>
                {text.remove}
              </Button>
            </>
          )}
        </>
      ) : (
        <Badge tone="ontology">{member.role}</Badge>
      )}
    </li>
  );
}
