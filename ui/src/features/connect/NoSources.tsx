// What the run panel says while there is nothing to run: how to begin, or that only live sources are shown and none is connected.
import { text as all } from "@/text/connect";
import { text as modes } from "@/text/modes";
import { AddButton } from "./RunPanel";

type Props = { liveOnly: boolean; onAdd: () => void };

export function NoSources({ liveOnly, onAdd }: Props) {
  return (
    <div className="grid justify-items-start gap-2 p-5">
      <h2 className="font-bold">{liveOnly ? modes.noLive : all.noSourcesYet}</h2>
      <p className="mb-2 text-soft">{liveOnly ? modes.noLiveLead : all.addAFolderOfExportsA}</p>
      <AddButton onAdd={onAdd} />
    </div>
  );
}
