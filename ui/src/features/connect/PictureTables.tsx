// What the picture is made of: the ontology with its evidence, every table of every source, and a search through the lineage.
import { useState } from "react";
import type { FieldLineage } from "@/api/types";
import { text } from "@/text/tables";
import { Card } from "@/ui/Card";
import { TabRow, tabClass } from "@/ui/Tabs";
import { LineageSearch } from "./LineageSearch";
import { OntologyTable } from "./OntologyTable";
import { UniverseTable } from "./UniverseTable";

const VIEWS = ["ontology", "universe", "lineage"] as const;

export function PictureTables({ onShow }: { onShow: (line: FieldLineage) => void }) {
  const [view, setView] = useState<(typeof VIEWS)[number]>("ontology");
  return (
    <Card
      flush
      title={text.title}
      aside={
        <TabRow label={text.title} chosen={view}>
          {VIEWS.map((name) => (
            <button
              key={name}
              type="button"
              data-tab={name}
              aria-pressed={view === name}
              className={tabClass(view === name)}
              onClick={() => setView(name)}
            >
              {text.views[name]}
            </button>
          ))}
        </TabRow>
      }
    >
      {view === "ontology" ? (
        <OntologyTable />
      ) : view === "universe" ? (
        <UniverseTable />
      ) : (
        <LineageSearch onShow={onShow} />
      )}
    </Card>
  );
}
