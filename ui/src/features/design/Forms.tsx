// Fields of forms in their states.
import { useState } from "react";
import { text } from "@/text/design";
import { Card } from "@/ui/Card";
import { CheckRow } from "@/ui/CheckRow";
import { Field, SelectField } from "@/ui/Field";
import { Switch } from "@/ui/Switch";

export function Forms() {
  const [on, setOn] = useState(true);
  const [ticked, setTicked] = useState(true);
  return (
    <Card title={text.sections.forms}>
      <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
        <Field label="Name" hint="A hint stands under its field." placeholder="salesforce" />
        <SelectField label="Role" defaultValue="member" hint="What one may choose.">
          <option>viewer</option>
          <option>member</option>
        </SelectField>
        <Field label="Disabled" disabled defaultValue="not now" />
        <div className="flex items-center gap-3 self-end pb-2">
          <Switch label="A switch" checked={on} onChange={setOn} />
          <span className="text-sm text-soft">{on ? "on" : "off"}</span>
        </div>
        <CheckRow label="A choice" checked={ticked} onChange={setTicked}>
          A choice
        </CheckRow>
      </div>
    </Card>
  );
}
