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

/** `holds` is a page that is reached from this one alone and has no place of its own in the list. */
type Page = { to: string; label: string; icon: LucideIcon; keywords?: string; holds?: string };
type Group = { name: string; pages: readonly Page[] };

const { nav, groups, keywords } = text;

export const NAVIGATION = [
  {
    name: groups.data,
    pages: [
      { to: "/", label: nav.home, icon: House, keywords: keywords.home },
      {
        to: "/control",
        label: nav.control,
        icon: MessageCircleQuestion,
        keywords: keywords.control,
      },
      {
        to: "/connections",
        label: nav.connections,
        icon: Cable,
        keywords: keywords.connections,
      },
      {
        to: "/discovery",
        label: nav.discovery,
        icon: Telescope,
        keywords: keywords.discovery,
      },
      { to: "/ontology", label: nav.ontology, icon: Workflow, keywords: keywords.ontology },
      { to: "/mappings", label: nav.mappings, icon: GitFork, keywords: keywords.mappings },
      { to: "/sources", label: nav.sources, icon: Database, keywords: keywords.sources },
      { to: "/records", label: nav.records, icon: TableProperties, keywords: keywords.records, holds: "/thing" },
      { to: "/knowledge", label: nav.knowledge, icon: BookOpen, keywords: keywords.knowledge },
      { to: "/lineage", label: nav.lineage, icon: Route, keywords: keywords.lineage },
    ],
  },
  {
    name: groups.watch,
    pages: [
      { to: "/live", label: nav.live, icon: Activity, keywords: keywords.live },
      { to: "/review", label: nav.review, icon: Inbox, keywords: keywords.review },
      { to: "/rejections", label: nav.rejections, icon: OctagonX, keywords: keywords.rejections },
      { to: "/ledger", label: nav.ledger, icon: Scale, keywords: keywords.ledger },
      { to: "/agents", label: nav.agents, icon: Bot, keywords: keywords.agents },
      { to: "/orchestration", label: nav.orchestration, icon: ListChecks, keywords: keywords.orchestration },
    ],
  },
  {
    name: groups.system,
    pages: [
      { to: "/architecture", label: nav.architecture, icon: Layers, keywords: keywords.architecture },
      { to: "/settings", label: nav.settings, icon: Settings, keywords: keywords.settings },
      { to: "/help", label: nav.help, icon: CircleHelp, keywords: keywords.help },
    ],
  },
] as const satisfies readonly Group[];

export type NavigationPage = (typeof NAVIGATION)[number]["pages"][number];
