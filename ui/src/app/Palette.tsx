// What the command palette knows: every page, every part of the settings, the tenant's entities and sources, and a few actions.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Boxes, Cable, FileText, Settings, Zap } from "lucide-react";
import { useCallback, useMemo } from "react";
import { api, call } from "@/api/client";
import { connectionsQuery, ontologyQuery } from "@/api/queries";
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
  [groups.source]: Cable,
  [groups.action]: Zap,
};

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
      { id: "run", group: groups.action, label: palette.run, keywords: "sync refresh", run: () => run() },
      { id: "theme", group: groups.action, label: palette[other], run: () => chooseTheme(other) },
      { id: "design", group: groups.page, label: nav.design, run: () => void navigate({ to: "/design" }) },
      { id: "log-out", group: groups.action, label: palette.logOut, keywords: "sign out leave", run: logOut },
    ];
    return [...pages, ...actions, ...settings, ...entities, ...sources];
  }, [navigate, theme, ontology.data, connections.data, run]);

  const fallback = useCallback(
    (search: string): Command[] => [
      {
        id: "lineage-of",
        group: groups.action,
        label: palette.lineageOf(search),
        run: () => void navigate({ to: "/lineage", search: { search } }),
      },
    ],
    [navigate],
  );

  return <CommandPalette commands={commands} icons={ICONS} words={palette} fallback={fallback} onClose={onClose} />;
}
