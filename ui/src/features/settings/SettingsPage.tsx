// "AOS Settings": one section at a time, each at an address of its own.
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { text } from "@/text/settings";
import { PageHeader } from "@/ui/PageHeader";
import { TabRow, tabClass } from "@/ui/Tabs";
import { AuditSection } from "./AuditSection";
import { FlagsSection } from "./FlagsSection";
import { IsolationSection } from "./IsolationSection";
import { KeysSection } from "./KeysSection";
import { MembersSection } from "./MembersSection";
import { ModelsSection } from "./ModelsSection";
import { NotificationsSection } from "./NotificationsSection";
import { PersonalSection } from "./PersonalSection";
import { ProfileSection } from "./ProfileSection";
import { SecretsSection } from "./SecretsSection";
import { parseSection, SETTINGS_SECTIONS, type SettingsSection } from "./sections";

const route = getRouteApi("/shell/settings/$section");

const SECTIONS: Record<SettingsSection, ComponentType> = {
  profile: ProfileSection,
  members: MembersSection,
  keys: KeysSection,
  flags: FlagsSection,
  models: ModelsSection,
  notifications: NotificationsSection,
  secrets: SecretsSection,
  personal: PersonalSection,
  audit: AuditSection,
  isolation: IsolationSection,
};

export function SettingsPage() {
  const section = parseSection(route.useParams().section);
  const Section = SECTIONS[section];
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title}>{text.lead}</PageHeader>
      <TabRow label={text.navigation} chosen={section}>
        {SETTINGS_SECTIONS.map((name) => (
          <Link
            key={name}
            data-tab={name}
            to="/settings/$section"
            params={{ section: name }}
            aria-current={name === section ? "page" : undefined}
            className={tabClass(name === section)}
          >
            {text.sections[name]}
          </Link>
        ))}
      </TabRow>
      <Section />
    </div>
  );
}
