// What leads somewhere: tabs, and the palette that finds commands; the plain table; and the steps in which things keep their distance.
import { FileText, Zap } from "lucide-react";
import { useState } from "react";
import { text } from "@/text/design";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CommandPalette } from "@/ui/CommandPalette";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";
import { TabRow, tabClass } from "@/ui/Tabs";
import { toast } from "@/ui/toasts";

const TABS = ["Account", "Opportunity", "Contact"];
const COMMANDS = ["AOS Records", "AOS Lineage", "AOS Ledger"];
/** In the unit of the type, as the pages use them. */
const STEPS = [1, 2, 3, 4, 5, 6, 8];
const STEP_REM = 0.25;

export function Navigation() {
  const [tab, setTab] = useState(TABS[0] ?? "");
  const [searching, setSearching] = useState(false);
  const commands = COMMANDS.map((label, at) => ({
    id: label,
    group: at === 0 ? "Pages" : "More pages",
    label,
    run: () => toast.done(label),
  }));
  return (
    <div className="grid min-w-0 gap-5 lg:grid-cols-2">
      <Card title={text.sections.navigation}>
        <TabRow label={text.sections.navigation} chosen={tab}>
          {TABS.map((name) => (
            <button
              key={name}
              type="button"
              data-tab={name}
              aria-pressed={name === tab}
              className={tabClass(name === tab)}
              onClick={() => setTab(name)}
            >
              {name}
            </button>
          ))}
        </TabRow>
        <Button small className="mt-4" onClick={() => setSearching(true)}>
          {text.open.palette}
        </Button>
        {searching && (
          <CommandPalette
            commands={commands}
            icons={{ Pages: FileText, "More pages": Zap }}
            words={text.palette}
            onClose={() => setSearching(false)}
          />
        )}
        <h3 className="mt-5 mb-2 font-bold">{text.sections.spacing}</h3>
        <ul className="flex flex-wrap items-end gap-4 text-xs text-faint">
          {STEPS.map((step) => (
            <li key={step} className="grid justify-items-center gap-1">
              <span
                aria-hidden="true"
                className="rounded bg-ontology/60"
                style={{ width: `${step * STEP_REM}rem`, height: `${step * STEP_REM}rem` }}
              />
              <span className="num">{step * STEP_REM}</span>
            </li>
          ))}
        </ul>
      </Card>
      <Card title={text.sections.plainTable} flush>
        <TableFrame label={text.sections.plainTable}>
          <thead>
            <tr>
              <Th>{text.columns.field}</Th>
              <Th className="text-right">{text.columns.value}</Th>
            </tr>
          </thead>
          <tbody>
            {[
              ["Annual revenue", "12,400,000"],
              ["Website", ""],
              [text.longName, "1"],
            ].map(([field = "", value = ""]) => (
              <tr key={field} className="hover:bg-raised/50">
                <Td>
                  <CellText text={field} />
                </Td>
                <Td className="num text-right">
                  <CellText text={value} />
                </Td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      </Card>
    </div>
  );
}
