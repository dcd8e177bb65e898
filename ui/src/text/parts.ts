// What the parts of the design system say. All words of the interface live in this folder, one file per feature; another language is
// another folder of the same shape.
import { plural } from "@/lib/format";

export const text = {
  close: "Close",
  tryAgain: "Try again",
  trace: "trace",
  noValue: "no value",
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "It could not be copied. Select it and copy it by hand.",
  dismiss: "Dismiss",
  showMore: "Show more",
  loadingMore: "Loading…",
  notMeasured: "not measured yet",
  filter: (label: string) => `Filter ${label}`,
  filterPlaceholder: "Filter…",
  shown: (shown: number, all: number) => (shown === all ? plural(all, "row") : `${shown} of ${plural(all, "row")}`),
  nothingFits: "Nothing fits this filter.",
  added: "added",
  removed: "removed",
  changed: "changed",
  same: "same",
  before: "Before",
  after: "After",
  field: "Field",
  noDifference: "Nothing would change.",
  notifications: "Notifications",
};
