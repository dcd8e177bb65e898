// "AOS Mappings": per entity, which source column feeds which field, how sure that is and why; and what stayed unmapped.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Network } from "lucide-react";
import { ontologyQuery } from "@/api/queries";
import type { OntologyEntity, SourceMapping } from "@/api/types";
import { formatConfidence, formatCount } from "@/lib/format";
import { countColumns } from "@/lib/mappedColumns";
import { text } from "@/text/ontology";
import { Card } from "@/ui/Card";
import { Figures, PageHeader } from "@/ui/PageHeader";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { TabRow, tabClass } from "@/ui/Tabs";
import { EntityFields } from "./EntityFields";
import { SourceMappingCard } from "./SourceMappingCard";

const route = getRouteApi("/shell/mappings");

export function MappingsPage() {
  const ontology = useQuery(ontologyQuery);
  return (
    <div className="grid gap-6">
      <PageHeader title={text.aosMappings} aside={<MappingFigures entities={ontology.data?.entities} />}>
        {text.whichColumnFeedsWhichFieldHow}
      </PageHeader>
      <Query query={ontology} loading={text.loadingTheOntology} framed>
        {({ entities }) =>
          entities.length === 0 ? (
            <Empty icon={Network} title={text.theOntologyHasNoEntities}>
              {text.addAnEntityToTheOntology}
            </Empty>
          ) : (
            <Entities entities={entities} />
          )
        }
      </Query>
    </div>
  );
}

function Entities({ entities }: { entities: OntologyEntity[] }) {
  const search = route.useSearch();
  const mostMapped = entities.find((entity) => entity.source_mappings.length > 0) ?? entities[0];
  const entity = entities.find((candidate) => candidate.name === search.entity) ?? mostMapped;
  if (!entity) return null;
  return (
    <div className="grid min-w-0 gap-5">
      <TabRow label={text.entities} chosen={entity.name}>
        {entities.map((candidate) => (
          <Link
            key={candidate.name}
            data-tab={candidate.name}
            to="/mappings"
            search={{ entity: candidate.name }}
            aria-current={candidate === entity ? "page" : undefined}
            className={tabClass(candidate === entity)}
          >
            {candidate.label}
            <span className="num text-faint">{candidate.source_mappings.length}</span>
          </Link>
        ))}
      </TabRow>
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <p className="text-soft">
          <span className="font-bold text-ink">{entity.label}.</span> {entity.description}{" "}
          <span className="num">
            {formatCount(entity.records)} {text.unifiedRecords}
          </span>
        </p>
        <Link
          to="/records"
          search={{ entity: entity.name }}
          className="font-semibold text-accent underline-offset-4 hover:underline"
        >
          {text.openTheRecords}
        </Link>
      </div>
      <div className="grid items-start gap-5 2xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="grid min-w-0 gap-5">
          {entity.source_mappings.length === 0 ? (
            <Card>
              <Empty icon={Network} title={text.noSourceFeedsYet(entity.label.toLowerCase())}>
                {text.connectASourceThatHasSuch}
              </Empty>
            </Card>
          ) : (
            entity.source_mappings.map((mapping) => (
              <SourceMappingCard key={`${mapping.source}.${mapping.table}`} mapping={mapping} entity={entity} />
            ))
          )}
        </div>
        <EntityFields entity={entity} />
      </div>
    </div>
  );
}

const mappedFields = (mappings: SourceMapping[]) =>
  mappings.flatMap(({ source, table, field_mappings }) =>
    field_mappings.map(({ source_field }) => ({ table: `${source}/${table}`, sourceField: source_field })),
  );

function MappingFigures({ entities }: { entities: OntologyEntity[] | undefined }) {
  const mappings = entities?.flatMap((entity) => entity.source_mappings);
  const confidences = mappings?.flatMap((mapping) => mapping.field_mappings.map((field) => field.confidence));
  const unmapped = mappings?.reduce((sum, mapping) => sum + mapping.unmapped.length, 0);
  const lowest = confidences?.length === 0 ? "–" : confidences && formatConfidence(Math.min(...confidences));
  return (
    <Figures
      items={[
        { label: text.columnsMapped, value: mappings && formatCount(countColumns(mappedFields(mappings))) },
        { label: text.leftUnmapped, value: unmapped === undefined ? undefined : formatCount(unmapped) },
        { label: text.weakestMapping, value: lowest },
      ]}
    />
  );
}
