// What the ontology page says of how a run goes: the model, production mode, and which sources the picture shows.
export const text = {
  title: "How it runs",
  loading: "Loading how it runs",
  model: "Model",
  noModel: "none chosen",
  choose: "Choose",
  modelLead: {
    asked: "Asked about columns that nothing else decides.",
    production: "Not asked: production mode is on.",
    none: "Columns find their fields by names and values; no model is needed.",
  },
  modelChosen: (model: string) => `${model} is asked from now on.`,
  production: "Production mode",
  productionLead: { on: "No language model is asked.", off: "A language model may be asked." },
  productionAsked: "Production mode is being changed.",
  sources: "Sources shown",
  sourcesShown: "Sources that the picture shows",
  every: "All",
  live: "Live only",
  sourcesLead: {
    every: "Files, services and databases, each under its own name.",
    live: "Services and databases of the mesh (AAM), under one parent. Files are left out.",
  },
  byOperator: "Set by the operator of this installation.",
  noLive: "No live source yet",
  noLiveLead: "Only files are connected. Add a service or a database, or show all sources.",
};
