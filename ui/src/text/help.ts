// Help: questions that are really asked, and their answers.
type Question = { q: string; a: string; to?: string; link?: string };
type Topic = { name: string; questions: Question[] };

export const text = {
  title: "AOS Help",
  lead: "Short answers. Each says where to look next.",
  search: "Search the questions",
  none: "No question fits",
  noneLead: "Try another word, or look at the API reference below.",
  keys: "Keyboard",
  shortcuts: [
    ["Ctrl K or ⌘ K", "find a page, an entity, a source or an action"],
    ["Esc", "close what is open"],
    ["A, E, R, T, X, J, K", "in the review queue: approve, edit, reject, try, mark, next and previous"],
    ["Tab", "go through everything; the focus is always visible"],
  ] as const,
  reference: "Reference",
  references: [
    ["/docs", "API reference, to try out", "every operation with its examples and problems"],
    ["/redoc", "API reference, to read", "the same, laid out for reading"],
    ["/openapi.json", "OpenAPI file", "for generating a client of your own"],
  ] as const,
  topics: [
    {
      name: "Connecting",
      questions: [
        {
          q: "Does AutonomOS ever write to my systems?",
          a: "No. Files, services and databases are only read. Where a service has read-only rights, those are asked for.",
          to: "/connections",
          link: "Connections",
        },
        {
          q: "Which files are read?",
          a: "CSV, TSV, JSON, NDJSON and Parquet, also compressed with gzip or zstd. One folder per system, one file per table. Over the web they must lie in a folder that the operator allows.",
          to: "/connections",
          link: "Add a connection",
        },
        {
          q: "Where do I put a password or token?",
          a: "Into the connection: it is kept sealed and never shown again. Or write where it is kept, such as env:CRM_TOKEN; then it is read from there when it is used.",
          to: "/settings/secrets",
          link: "Secrets",
        },
        {
          q: "What happens when I run a source again?",
          a: "Nothing twice. What is known already counts as duplicate; what changed replaces the older value; the ledger shows both.",
          to: "/ledger",
          link: "Ledger",
        },
        {
          q: "A source was away. Is something lost?",
          a: "No. The run ends as unreachable or throttled, what was committed stays, and the next run goes on from there.",
          to: "/ledger",
          link: "Ledger",
        },
      ],
    },
    {
      name: "Mapping",
      questions: [
        {
          q: "How does it know what a column means?",
          a: "It compares names, types and the values themselves with every field of the ontology and writes down what spoke for the choice. No language model is needed.",
          to: "/mappings",
          link: "Mappings with their evidence",
        },
        {
          q: "What does a confidence of 0.83 mean?",
          a: "Of mappings with that number, about 83 in 100 are right. 0.90 and above is called high, 0.70 and above medium, below that low.",
          to: "/mappings",
          link: "Mappings",
        },
        {
          q: "Why is a column not mapped?",
          a: "Because nothing spoke for a field strongly enough. The column is kept, and the page of its source gives the reason and the nearest candidates.",
          to: "/sources",
          link: "Sources",
        },
        {
          q: "Can I add fields of my own?",
          a: "Yes: the ontology can be extended for your organisation, with PUT /api/v1/dcl/ontology_extension. The next run maps onto them.",
          to: "/mappings",
          link: "Mappings",
        },
        {
          q: "What happens when a source changes its columns?",
          a: "It is noticed from what is really read: renamed, retyped, added or dropped. What is harmless goes on; what is not waits for a person.",
          to: "/review",
          link: "Review queue",
        },
      ],
    },
    {
      name: "Records",
      questions: [
        {
          q: "What is a unified record?",
          a: "One record per thing, however many tables speak of it. Each cell knows the table, column and raw row it is from.",
          to: "/records",
          link: "Records",
        },
        {
          q: "Two sources disagree. Which value do I see?",
          a: "The one that won, by the mapping's confidence and how new it is. The others are set aside in the same cell and can be looked at.",
          to: "/records",
          link: "Records",
        },
        {
          q: "Where does this value come from?",
          a: "Open the record: under each value stand its table, column, confidence, mapping version and raw row. The lineage shows the same for whole fields.",
          to: "/lineage",
          link: "Lineage",
        },
        {
          q: "Why is a row missing?",
          a: "Look in the rejections: each has the reason and the row as it was read. Read equals landed plus duplicate plus filtered plus rejected, for every run.",
          to: "/rejections",
          link: "Rejections",
        },
        {
          q: "Why do I see •••• instead of a value?",
          a: "It is personal data, and your role may not see it. It is masked on every way to it, also in SQL.",
          to: "/settings/profile",
          link: "What you may do",
        },
        {
          q: "Can I ask with SQL?",
          a: "Yes, read-only, over the unified views: autonomos query on the command line or POST /api/v1/dcl/query.",
          link: "API reference",
          to: "/docs",
        },
      ],
    },
    {
      name: "People and agents",
      questions: [
        {
          q: "How do I invite someone?",
          a: "Settings, Members, Invite. You get a link that is good once and for a week; pass it on yourself, no mail is sent.",
          to: "/settings/members",
          link: "Members",
        },
        {
          q: "How does a program get in?",
          a: "With an API key that may do only what it needs. It is shown once, and revoking it holds at once.",
          to: "/settings/keys",
          link: "API keys",
        },
        {
          q: "Who did that?",
          a: "Whatever changes something is in the audit trail, in the same transaction. The export is signed and can be checked without this server.",
          to: "/settings/audit",
          link: "Audit trail",
        },
        {
          q: "Can another organisation see our data?",
          a: "No, and you need not believe it: one command proves it on this very deployment, operation by operation.",
          to: "/settings/isolation",
          link: "Isolation",
        },
        {
          q: "I was signed out. Why?",
          a: "A session ends a week after its sign-in, when it is ended somewhere else, or when its token came back a second time, because then somebody has it who should not.",
          to: "/settings/profile",
          link: "Sessions",
        },
      ],
    },
    {
      name: "Running it",
      questions: [
        {
          q: "Is it live?",
          a: "While the dot at the top says Live, changes appear as they happen. Otherwise it says so, and catches up by itself.",
          to: "/live",
          link: "Live Flow",
        },
        {
          q: "A task failed. What now?",
          a: "Open it: its log says why. Run it again there, or all failed ones at once.",
          to: "/orchestration",
          link: "Orchestration",
        },
        {
          q: "What is production mode?",
          a: "In it no language model is ever asked. The mapping does not need one.",
          to: "/orchestration",
          link: "Orchestration",
        },
        {
          q: "What runs where?",
          a: "One binary is all of it: gateway, workers and engine. On many machines, the same binary runs as often as you like on PostgreSQL and Redis.",
          to: "/architecture",
          link: "Architecture",
        },
      ],
    },
  ] satisfies Topic[],
};
