// "AOS Design system": all parts on one page, for those who build pages and for whoever looks whether they still hold.
import type { ReactNode } from "react";
import { text } from "@/text/design";
import { Badge, type BadgeTone } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Confidence } from "@/ui/Confidence";
import { Diff } from "@/ui/Diff";
import { Logo } from "@/ui/Logo";
import { PageHeader } from "@/ui/PageHeader";
import { Progress } from "@/ui/Progress";
import { StatusDot } from "@/ui/StatusDot";
import { Tile, Tiles } from "@/ui/Tile";
import { ButtonsAndFeedback } from "./ButtonsAndFeedback";
import { Forms } from "./Forms";
import { Navigation } from "./Navigation";
import { SampleStates } from "./SampleStates";
import { SampleTable } from "./SampleTable";

const COLORS = ["ink", "soft", "faint", "accent", "source", "ontology", "agent", "good", "warn", "bad"];
const TONES: BadgeTone[] = ["neutral", "good", "warn", "bad", "source", "ontology", "agent"];

export function DesignPage() {
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader title={text.title} aside={<Logo className="size-14" />}>
        {text.lead}
      </PageHeader>
      <Section title={text.sections.color}>
        <p className="mb-4 text-soft">{text.colorNote}</p>
        <ul className="flex flex-wrap gap-3">
          {COLORS.map((name) => (
            <li key={name} className="grid justify-items-center gap-1 text-sm">
              <span
                aria-hidden="true"
                className="size-14 rounded-2xl border border-line"
                style={{ background: `var(--${name})` }}
              />
              <span style={{ color: `var(--${name})` }}>{name}</span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={text.sections.type}>
        <p className="mb-3 text-soft">{text.typeNote}</p>
        <p className="text-3xl font-bold">AOS Ontology 0123456789</p>
        <p className="text-xl font-bold">AOS Ontology 0123456789</p>
        <p>AOS Ontology 0123456789</p>
        <p className="text-sm text-soft">AOS Ontology 0123456789</p>
        <p className="font-mono text-[0.8125rem] text-ontology">opportunity.amount</p>
        <p className="mt-3 max-w-md truncate" title={text.longName}>
          {text.longName}
        </p>
        <p dir="auto">{text.rtl}</p>
      </Section>
      <ButtonsAndFeedback />
      <Navigation />
      <Section title={text.sections.marks}>
        <div className="flex flex-wrap items-center gap-2.5">
          {TONES.map((tone) => (
            <Badge key={tone} tone={tone}>
              {tone}
            </Badge>
          ))}
          {[0.97, 0.83, 0.41].map((value) => (
            <Confidence key={value} value={value} />
          ))}
        </div>
        <div className="mt-4 flex flex-wrap gap-x-6 gap-y-2">
          <StatusDot tone="good" live>
            live
          </StatusDot>
          <StatusDot tone="good">works</StatusDot>
          <StatusDot tone="warn">limited</StatusDot>
          <StatusDot tone="bad">away</StatusDot>
          <StatusDot tone="idle">not measured yet</StatusDot>
        </div>
        <div className="mt-5 grid max-w-md gap-3">
          <Progress label="40 percent" percent={40} />
          <Progress label="100 percent" percent={100} tone="good" />
          <Progress label="70 percent, failed" percent={70} tone="bad" slim />
        </div>
      </Section>
      <Forms />
      <Section title={text.sections.numbers}>
        <Tiles>
          <Tile label="unified records" value="12.4K" note="7 entities" />
          <Tile label="mean confidence" value="0.93" tone="good" />
          <Tile label="open alerts" value="2" tone="warn" />
          <Tile label="latency" value={null} />
        </Tiles>
      </Section>
      <Section title={text.sections.diff}>
        <Diff
          label={text.sections.diff}
          changes={[
            { name: "amount", before: "Amount__c", after: "Deal_Amount__c" },
            { name: "currency", before: null, after: "CurrencyIsoCode" },
            { name: "region", before: "Region", after: null },
            { name: "name", before: "Name", after: "Name" },
          ]}
        />
      </Section>
      <SampleTable />
      <SampleStates />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return <Card title={title}>{children}</Card>;
}
