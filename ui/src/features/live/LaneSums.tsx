// The names of the lanes with what went through each of them, beside the drawing.
import { text } from "@/text/live";
import { LANES, type Lane, type LaneSum } from "./flow";

export function LaneSums({ sums }: { sums: Record<Lane, LaneSum> }) {
  return (
    <dl className="max-lg:mb-3 max-lg:grid max-lg:grid-cols-2 max-lg:gap-x-4 sm:max-lg:grid-cols-3">
      {LANES.map((lane) => {
        const [name, meaning] = text.lanes[lane];
        return (
          <div key={lane} title={meaning} className="flex flex-col justify-center max-lg:py-1.5 lg:h-16 lg:pr-4">
            <dt className="font-semibold">{name}</dt>
            <dd className="num text-sm text-faint">{text.sums(sums[lane].records, sums[lane].events)}</dd>
          </div>
        );
      })}
    </dl>
  );
}
