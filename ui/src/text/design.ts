// What the page of the design system says.
export const text = {
  title: "AOS Design system",
  lead: "Every part that pages are made of, in its states. What is not here is not used.",
  sections: {
    color: "Colours",
    type: "Type",
    buttons: "Buttons",
    marks: "Badges and states",
    forms: "Forms",
    feedback: "Feedback",
    table: "Virtual table",
    diff: "Difference",
    states: "Loading, empty, error",
    numbers: "Numbers",
  },
  colorNote:
    "Green is what comes in, blue what it means, purple who uses it. Each is readable on every surface, in both themes.",
  typeNote: "Quicksand, in four sizes; figures of equal width; code in the system's own.",
  open: {
    dialog: "Open a dialog",
    confirm: "Ask first",
    drawer: "Open a drawer",
    done: "Tell what was done",
    failed: "Tell what went wrong",
  },
  sampleDone: "It was done.",
  sampleRows: 10_000,
  longName: `${"A name of five hundred characters must not break anything: ".repeat(8)}and so on, until it ends here.`,
  rtl: "شركة الأمثلة 🚀 חברה לדוגמה",
};
