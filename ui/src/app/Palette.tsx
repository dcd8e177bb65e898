// What the command palette knows: every page, every part of the settings, the tenant's entities and sources, and a few actions.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Boxes, Cable, FileText, Settings, TableProperties, Zap } from "lucide-react";
import { useCallback, useMemo } from "react";
import { api, call } from "@/api/client";
import { connectionsQuery, ontologyQuery } from "@/api/queries";
import type { OntologyEntity } from "@/api/types";
import { SETTINGS_SECTIONS } from "@/features/settings/sections";
import { formatCount } from "@/lib/format";
import { chooseTheme, useTheme } from "@/lib/theme";
import { text } from "@/text/app";
import { text as settingsText } from "@/text/settings";
import { CommandPalette } from "@/ui/CommandPalette";
import type { Command } from "@/ui/commands";
import { toast } from "@/ui/toasts";
import { logOut } from "./logOut";
import { NAVIGATION } from "./navigation";

const { palette, nav } = text;
const { groups } = palette;

const ICONS = {
  [groups.page]: FileText,
  [groups.setting]: Settings,
  [groups.entity]: Boxes,
  [groups.record]: TableProperties,
  [groups.source]: Cable,
  [groups.action]: Zap,
};

/** The fields that say what a record is called. */
const NAMES = ["name", "subject", "title"];
const SEARCHED_MAX = 4;

/** Finds the entities that hold records with a name to search by. */
function searchable(entities: OntologyEntity[]) {
  const named = entities.flatMap((entity) => {
    const field = NAMES.find((name) => entity.fields.some((candidate) => candidate.name === name));
    return field && entity.records > 0 ? [{ entity, field }] : [];
  });
  return named.sort((a, b) => b.entity.records - a.entity.records).slice(0, SEARCHED_MAX);
}

export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const theme = useTheme();
  const ontology = useQuery(ontologyQuery);
  const connections = useQuery(connectionsQuery);
  const { mutate: run } = useMutation({
    mutationFn: () => call(api.POST("/api/v1/dcl/connect", { body: {} })),
    onSuccess: () => toast.done(palette.runDone),
    onError: toast.failed,
  });

  const commands = useMemo<Command[]>(() => {
    const pages = NAVIGATION.flatMap((group): Command[] =>
      group.pages.map(({ to, label, keywords }) => ({
        id: to,
        group: groups.page,
        label,
        keywords,
        run: () => void navigate({ to }),
      })),
    );
    const settings = SETTINGS_SECTIONS.map((section) => ({
      id: `settings/${section}`,
      group: groups.setting,
      label: settingsText.sections[section],
      note: nav.settings,
      run: () => void navigate({ to: "/settings/$section", params: { section } }),
    }));
    const entities = (ontology.data?.entities ?? []).map((entity) => ({
      id: `entity/${entity.name}`,
      group: groups.entity,
      label: entity.label,
      note: formatCount(entity.records),
      keywords: entity.name,
      run: () => void navigate({ to: "/records", search: { entity: entity.name } }),
    }));
    const sources = (connections.data ?? []).map((connection) => ({
      id: `source/${connection.id}`,
      group: groups.source,
      label: connection.name,
      note: connection.connector,
      run: () => void navigate({ to: "/connections", search: { connection: connection.id } }),
    }));
    const other = theme === "dark" ? "light" : "dark";
    const actions: Command[] = [
      { id: "run", group: groups.action, label: palette.run, keywords: palette.runKeywords, run: () => run() },
      { id: "theme", group: groups.action, label: palette[other], run: () => chooseTheme(other) },
      { id: "design", group: groups.page, label: nav.design, run: () => void navigate({ to: "/design" }) },
      { id: "log-out", group: groups.action, label: palette.logOut, keywords: palette.logOutKeywords, run: logOut },
    ];
    return [...pages, ...actions, ...settings, ...entities, ...sources];
  }, [navigate, theme, ontology.data, connections.data, run]);

  const fallback = useCallback(
    (search: string): Command[] => {
      const records = searchable(ontology.data?.entities ?? []).map(({ entity, field }) => ({
        id: `find/${entity.name}`,
        group: groups.entity,
        label: palette.findIn(search, entity.label),
        run: () =>
          void navigate({ to: "/records", search: { entity: entity.name, filter: [`${field}:contains:${search}`] } }),
      }));
      const lineage = {
        id: "lineage-of",
        group: groups.action,
        label: palette.lineageOf(search),
        run: () => void navigate({ to: "/lineage", search: { search } }),
      };
      const everywhere = {
        id: "find-in-records",
        group: groups.record,
        label: palette.findIn(search, nav.records),
        note: palette.everyEntity,
        run: () => void navigate({ to: "/records", search: { search } }),
      };
      // What is written like a column is looked for among columns first.
      return /[._]/.test(search) ? [lineage, everywhere, ...records] : [everywhere, ...records, lineage];
    },
    [navigate, ontology.data],
  );

  return <CommandPalette commands={commands} icons={ICONS} words={palette} fallback={fallback} onClose={onClose} />;
}
