// The pages that the navigation lists, in their groups. Addresses are the router's; words are the language's.
import {
  Activity,
  BookOpen,
  Bot,
  Cable,
  CircleHelp,
  Database,
  GitFork,
  House,
  Inbox,
  Layers,
  ListChecks,
  type LucideIcon,
  MessageCircleQuestion,
  OctagonX,
  Route,
  Scale,
  Settings,
  TableProperties,
  Telescope,
  Workflow,
} from "lucide-react";
import { text } from "@/text/app";

type Page = { to: string; label: string; icon: LucideIcon; keywords?: string };
type Group = { name: string; pages: readonly Page[] };

const { nav, groups } = text;

export const NAVIGATION = [
  {
    name: groups.data,
    pages: [
      { to: "/", label: nav.home, icon: House, keywords: "start overview" },
      {
        to: "/control",
        label: nav.control,
        icon: MessageCircleQuestion,
        keywords: "ask question chat answer receipt persona",
      },
      {
        to: "/connections",
        label: nav.connections,
        icon: Cable,
        keywords: "aam mesh monitor sources add connect sync",
      },
      {
        to: "/discovery",
        label: nav.discovery,
        icon: Telescope,
        keywords: "intents proposals onboarding funnel safe mode",
      },
      { to: "/ontology", label: nav.ontology, icon: Workflow, keywords: "graph sankey run connect picture" },
      { to: "/mappings", label: nav.mappings, icon: GitFork, keywords: "fields columns confidence evidence" },
      { to: "/sources", label: nav.sources, icon: Database, keywords: "universe tables columns schema" },
      { to: "/records", label: nav.records, icon: TableProperties, keywords: "unified entities views rows" },
      { to: "/knowledge", label: nav.knowledge, icon: BookOpen, keywords: "documents search kb" },
      { to: "/lineage", label: nav.lineage, icon: Route, keywords: "where from impact upstream downstream" },
    ],
  },
  {
    name: groups.watch,
    pages: [
      { to: "/live", label: nav.live, icon: Activity, keywords: "events stream lanes" },
      { to: "/review", label: nav.review, icon: Inbox, keywords: "drift approve reject repair" },
      { to: "/rejections", label: nav.rejections, icon: OctagonX, keywords: "errors refused bad rows" },
      { to: "/ledger", label: nav.ledger, icon: Scale, keywords: "runs balance" },
      { to: "/agents", label: nav.agents, icon: Bot, keywords: "pilots findings budgets approvals mcp kill switch" },
      { to: "/orchestration", label: nav.orchestration, icon: ListChecks, keywords: "tasks queue schedules aoa" },
    ],
  },
  {
    name: groups.system,
    pages: [
      { to: "/architecture", label: nav.architecture, icon: Layers, keywords: "parts health process" },
      { to: "/settings", label: nav.settings, icon: Settings, keywords: "members keys flags audit profile password" },
      { to: "/help", label: nav.help, icon: CircleHelp, keywords: "faq questions documentation" },
    ],
  },
] as const satisfies readonly Group[];

export type NavigationPage = (typeof NAVIGATION)[number]["pages"][number];
