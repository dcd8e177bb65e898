// The form of a new schedule: what the clock starts, and how often.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { connectionsQuery } from "@/api/queries";
import { text as parts } from "@/text/parts";
import { text } from "@/text/schedules";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, SelectField } from "@/ui/Field";
import { Failure } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { DOINGS, RHYTHMS, scheduleOf, type Wish } from "./schedule";
import { useAddSchedule } from "./scheduleQueries";

const NAME_CHARS_MAX = 100;
const NIGHT = "03:00";
const MONDAY = 1;

const FIRST: Wish = {
  name: "",
  doing: "connect",
  connection: "",
  rhythm: "daily",
  time: NIGHT,
  day: MONDAY,
  cron: "",
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
};

export function ScheduleDialog({ onClose }: { onClose: () => void }) {
  const connections = useQuery(connectionsQuery);
  const [wish, setWish] = useState(FIRST);
  const add = useAddSchedule();
  const bind = (name: "name" | "connection" | "time" | "cron" | "zone") => ({
    required: true,
    value: wish[name],
    onChange: (event: { target: { value: string } }) => setWish({ ...wish, [name]: event.target.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const schedule = scheduleOf(wish);
    add.mutate(schedule, {
      onSuccess: () => {
        toast.done(text.saved(schedule.name));
        onClose();
      },
    });
  };
  return (
    <Dialog title={text.dialog} lead={text.lead} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={text.name} maxLength={NAME_CHARS_MAX} autoComplete="off" {...bind("name")} />
        <SelectField
          label={text.what}
          value={wish.doing}
          onChange={(event) => setWish({ ...wish, doing: event.target.value as Wish["doing"] })}
        >
          {DOINGS.map((doing) => (
            <option key={doing} value={doing}>
              {text.doings[doing]}
            </option>
          ))}
        </SelectField>
        {wish.doing === "sync" && (
          <SelectField label={text.connection} {...bind("connection")}>
            <option value="" />
            {connections.data?.map(({ id, name }) => (
              <option key={id} value={name}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <SelectField
            label={text.rhythm}
            value={wish.rhythm}
            onChange={(event) => setWish({ ...wish, rhythm: event.target.value as Wish["rhythm"] })}
          >
            {RHYTHMS.map((rhythm) => (
              <option key={rhythm} value={rhythm}>
                {text.rhythms[rhythm]}
              </option>
            ))}
          </SelectField>
          {wish.rhythm !== "custom" && (
            <Field label={wish.rhythm === "hourly" ? text.minute : text.time} type="time" {...bind("time")} />
          )}
          {wish.rhythm === "weekly" && (
            <SelectField
              label={text.day}
              value={wish.day}
              onChange={(event) => setWish({ ...wish, day: Number(event.target.value) })}
            >
              {text.days.map((name, day) => (
                <option key={name} value={day}>
                  {name}
                </option>
              ))}
            </SelectField>
          )}
        </div>
        {wish.rhythm === "custom" && (
          <Field label={text.cron} hint={text.cronHint} autoComplete="off" className="font-mono" {...bind("cron")} />
        )}
        <Field label={text.zone} hint={text.zoneHint} autoComplete="off" {...bind("zone")} />
        {add.isError && <Failure error={add.error} />}
        <div className="flex justify-end gap-2">
          <Button small onClick={onClose}>
            {parts.cancel}
          </Button>
          <Button small type="submit" tone="primary" disabled={add.isPending}>
            {add.isPending ? text.saving : text.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
