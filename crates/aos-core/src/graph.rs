//! The picture: nodes and typed edges in fixed layers, a pure function of ontology, connections, mappings and agents.

use crate::mapping::StreamMapping;
use crate::ontology::Ontology;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub const LAYERS: [&str; 4] = ["source_parent", "source", "ontology", "agent"];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// Mean confidence of all field mappings in the graph; none without mappings.
    pub confidence: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Node {
    pub id: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: NodeKind,
    /// Index into [`LAYERS`].
    pub layer: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    pub fields: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// When it was last read to its end: a table itself, a source and an entity by the table behind it that is overdue the longest. Absent for agents, and
    /// where no table is behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<LastRead>,
}

/// When something was last read to its end, and how often it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastRead {
    /// None when it never was.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub at: Option<DateTime<Utc>>,
    /// Without a complete read for so many seconds it is stale.
    #[cfg_attr(feature = "openapi", schema(example = 172_800))]
    pub stale_after_s: u64,
}

impl LastRead {
    /// Returns the one of two that is overdue the longest; what was never read is before everything.
    fn older(self, other: Self) -> Self {
        if self.due() <= other.due() { self } else { other }
    }

    fn due(self) -> Option<DateTime<Utc>> {
        let limit = TimeDelta::try_seconds(i64::try_from(self.stale_after_s).unwrap_or(i64::MAX));
        self.at.map(|at| limit.and_then(|limit| at.checked_add_signed(limit)).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    SourceParent,
    Source,
    Ontology,
    Agent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Edge {
    pub id: String,
    pub source: String,
    pub target: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: EdgeKind,
    #[serde(rename = "edgeType")]
    pub edge_type: EdgeType,
    pub field_mappings: Vec<FieldEdge>,
    pub entity_fields: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_name: Option<String>,
    /// Width of the edge: how many fields flow along it, at least 1.
    pub value: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// When what flows along it was last read to its end: the table it is of or, for what an agent uses, the table behind the entity that is overdue the longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<LastRead>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    Hierarchy,
    Mapping,
    Join,
    Consumption,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EdgeType {
    Hierarchy,
    Dataflow,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldEdge {
    pub source: String,
    pub onto_field: String,
    pub confidence: f64,
}

/// One connected source as the graph sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphSource {
    pub name: String,
    pub system: String,
    /// Whether it is a system that is asked, and no files that were laid down.
    pub live: bool,
    /// Without a complete read for so many seconds a table of it is stale.
    pub stale_after_s: u64,
    pub tables: Vec<GraphTable>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct GraphTable {
    pub name: String,
    pub columns: Vec<String>,
    pub records: u64,
    /// When it was last read to its end.
    pub read_at: Option<DateTime<Utc>>,
    pub mapping: Option<StreamMapping>,
}

impl GraphSource {
    fn read_of(&self, table: &GraphTable) -> LastRead {
        LastRead { at: table.read_at, stale_after_s: self.stale_after_s }
    }

    fn reads(&self) -> impl Iterator<Item = LastRead> {
        self.tables.iter().map(|table| self.read_of(table))
    }
}

/// An agent and what it consumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub color: String,
    pub consumes: Vec<String>,
    #[serde(default)]
    pub key_metrics: Vec<String>,
}

/// How tables are gathered under parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Each source is the parent of its tables.
    BySource,
    /// One parent for all tables, whose labels then name their system.
    FromAam,
}

impl Graph {
    /// Builds the picture. Entities and agents are always there; sources when they are connected.
    pub fn build(
        ontology: &Ontology,
        sources: &[GraphSource],
        agents: &[Agent],
        records: &HashMap<String, u64>,
    ) -> Self {
        Self::build_grouped(ontology, sources, agents, records, Grouping::BySource)
    }

    /// Builds the picture with its tables gathered in a certain way.
    pub fn build_grouped(
        ontology: &Ontology,
        sources: &[GraphSource],
        agents: &[Agent],
        records: &HashMap<String, u64>,
        grouping: Grouping,
    ) -> Self {
        let mut nodes = Vec::new();
        let mut edges = Vec::new();
        if grouping == Grouping::FromAam && !sources.is_empty() {
            nodes.push(aam_parent(sources));
        }
        for source in sources {
            add_source(source, grouping, &mut nodes, &mut edges);
        }
        let reads = entity_reads(sources);
        for (name, entity) in &ontology.entities {
            nodes.push(Node {
                id: entity_id(name),
                label: if entity.label.is_empty() { name.clone() } else { entity.label.clone() },
                kind: NodeKind::Ontology,
                layer: 2,
                source_system: None,
                source_key: None,
                parent_id: None,
                fields: entity.fields.keys().cloned().collect(),
                records: records.get(name).copied(),
                read: reads.get(name.as_str()).copied(),
            });
        }
        for agent in agents {
            add_agent(agent, ontology, &reads, &mut nodes, &mut edges);
        }
        add_joins(ontology, sources, &mut edges);
        let confidences: Vec<f64> = edges
            .iter()
            .filter(|edge| edge.kind == EdgeKind::Mapping)
            .flat_map(|edge| edge.field_mappings.iter().map(|field| field.confidence))
            .collect();
        let confidence = (!confidences.is_empty()).then(|| confidences.iter().sum::<f64>() / confidences.len() as f64);
        Self { nodes, edges, confidence }
    }

    /// Leaves out the edges between tables, which a layered drawing cannot hold.
    pub fn without_joins(mut self) -> Self {
        self.edges.retain(|edge| edge.kind != EdgeKind::Join);
        self
    }

    /// Returns which sources feed each entity.
    pub fn entity_sources(sources: &[GraphSource]) -> BTreeMap<String, BTreeSet<String>> {
        let mut feeding: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for source in sources {
            for mapping in
                source.tables.iter().filter_map(|table| table.mapping.as_ref()).flat_map(|mapping| &mapping.entities)
            {
                feeding.entry(mapping.entity.clone()).or_default().insert(source.name.clone());
            }
        }
        feeding
    }
}

/// The id of the one parent when tables are gathered under it.
pub const AAM_PARENT: &str = "sys_aam_sources";

pub fn source_id(source: &str) -> String {
    format!("sys_{source}")
}

pub fn table_id(source: &str, table: &str) -> String {
    format!("src_{source}_{table}")
}

pub fn entity_id(entity: &str) -> String {
    format!("dcl_{entity}")
}

pub fn agent_id(agent: &str) -> String {
    format!("agent_{agent}")
}

/// The one parent of everything that comes through the adaptive API mesh.
fn aam_parent(sources: &[GraphSource]) -> Node {
    Node {
        id: AAM_PARENT.to_owned(),
        label: "from AAM".to_owned(),
        kind: NodeKind::SourceParent,
        layer: 0,
        source_system: None,
        source_key: None,
        parent_id: None,
        fields: Vec::new(),
        records: Some(sources.iter().flat_map(|source| &source.tables).map(|table| table.records).sum()),
        read: sources.iter().flat_map(GraphSource::reads).reduce(LastRead::older),
    }
}

/// Says of each entity that a table feeds when the table that is overdue the longest was read.
fn entity_reads(sources: &[GraphSource]) -> HashMap<&str, LastRead> {
    let mut reads: HashMap<&str, LastRead> = HashMap::new();
    for source in sources {
        for table in &source.tables {
            let read = source.read_of(table);
            for mapping in table.mapping.iter().flat_map(|mapping| &mapping.entities) {
                reads.entry(mapping.entity.as_str()).and_modify(|known| *known = known.older(read)).or_insert(read);
            }
        }
    }
    reads
}

/// Returns what people call a system: `salesforce` is Salesforce.
fn system_label(system: &str) -> String {
    let own = match system {
        "hubspot" => "HubSpot",
        "mongodb" => "MongoDB",
        "postgresql" | "postgres" => "PostgreSQL",
        "dynamics" => "Dynamics 365",
        "netsuite" => "NetSuite",
        _ => return capitalized(system),
    };
    own.to_owned()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn add_source(source: &GraphSource, grouping: Grouping, nodes: &mut Vec<Node>, edges: &mut Vec<Edge>) {
    let parent = match grouping {
        Grouping::BySource => source_id(&source.name),
        Grouping::FromAam => AAM_PARENT.to_owned(),
    };
    if grouping == Grouping::BySource {
        nodes.push(Node {
            id: parent.clone(),
            label: source.name.clone(),
            kind: NodeKind::SourceParent,
            layer: 0,
            source_system: Some(source.system.clone()),
            source_key: Some(source.name.clone()),
            parent_id: None,
            fields: Vec::new(),
            records: Some(source.tables.iter().map(|table| table.records).sum()),
            read: source.reads().reduce(LastRead::older),
        });
    }
    for table in &source.tables {
        let id = table_id(&source.name, &table.name);
        let read = Some(source.read_of(table));
        nodes.push(Node {
            id: id.clone(),
            label: match grouping {
                Grouping::BySource => table.name.clone(),
                Grouping::FromAam => format!("{} - {}", system_label(&source.system), capitalized(&table.name)),
            },
            kind: NodeKind::Source,
            layer: 1,
            source_system: Some(source.system.clone()),
            source_key: Some(source.name.clone()),
            parent_id: Some(parent.clone()),
            fields: table.columns.clone(),
            records: Some(table.records),
            read,
        });
        edges.push(Edge { read, ..edge(&parent, &id, EdgeKind::Hierarchy, EdgeType::Hierarchy, String::new()) });
        for mapping in table.mapping.iter().flat_map(|mapping| &mapping.entities) {
            let pivoted = mapping.pivot.iter().flat_map(|pivot| {
                pivot.fields.iter().map(|(metric, field)| FieldEdge {
                    source: metric.clone(),
                    onto_field: field.clone(),
                    confidence: pivot.confidence,
                })
            });
            let rules = mapping.fields.iter().map(|rule| FieldEdge {
                source: rule.sources.join(" + "),
                onto_field: rule.target.clone(),
                confidence: rule.confidence,
            });
            let fields: Vec<FieldEdge> = rules.chain(pivoted).collect();
            let confidence = (!fields.is_empty())
                .then(|| fields.iter().map(|field| field.confidence).sum::<f64>() / fields.len() as f64);
            edges.push(Edge {
                entity_fields: fields.iter().map(|field| field.onto_field.clone()).collect(),
                entity_name: Some(mapping.entity.clone()),
                value: (fields.len() as u64).max(1),
                field_mappings: fields,
                confidence,
                read,
                ..edge(
                    &id,
                    &entity_id(&mapping.entity),
                    EdgeKind::Mapping,
                    EdgeType::Dataflow,
                    format!("{} → {}", table.name, mapping.entity),
                )
            });
        }
    }
}

fn add_agent(
    agent: &Agent,
    ontology: &Ontology,
    reads: &HashMap<&str, LastRead>,
    nodes: &mut Vec<Node>,
    edges: &mut Vec<Edge>,
) {
    let id = agent_id(&agent.id);
    nodes.push(Node {
        id: id.clone(),
        label: agent.name.clone(),
        kind: NodeKind::Agent,
        layer: 3,
        source_system: None,
        source_key: None,
        parent_id: None,
        fields: agent.key_metrics.clone(),
        records: None,
        read: None,
    });
    for name in &agent.consumes {
        let Some(entity) = ontology.entity(name) else { continue };
        let consumed: Vec<String> =
            agent.key_metrics.iter().filter(|metric| entity.fields.contains_key(*metric)).cloned().collect();
        edges.push(Edge {
            value: (consumed.len() as u64).max(1),
            entity_fields: consumed,
            entity_name: Some(name.clone()),
            read: reads.get(name.as_str()).copied(),
            ..edge(&entity_id(name), &id, EdgeKind::Consumption, EdgeType::Dataflow, format!("{name} → {}", agent.name))
        });
    }
}

/// Joins tables of one source where one holds the key of the entity that the other describes.
fn add_joins(ontology: &Ontology, sources: &[GraphSource], edges: &mut Vec<Edge>) {
    for source in sources {
        for table in &source.tables {
            let Some(main) = table.mapping.as_ref().and_then(StreamMapping::main) else { continue };
            for rule in &main.fields {
                let Some(target) =
                    ontology.field(&main.entity, &rule.target).and_then(|field| field.references.as_ref())
                else {
                    continue;
                };
                for other in &source.tables {
                    let describes = other
                        .mapping
                        .as_ref()
                        .and_then(StreamMapping::main)
                        .is_some_and(|mapping| mapping.entity == *target);
                    if describes && other.name != table.name {
                        let joined = edge(
                            &table_id(&source.name, &table.name),
                            &table_id(&source.name, &other.name),
                            EdgeKind::Join,
                            EdgeType::Dataflow,
                            rule.sources.join(" + "),
                        );
                        edges.push(Edge { entity_name: Some(target.clone()), ..joined });
                    }
                }
            }
        }
    }
}

fn edge(source: &str, target: &str, kind: EdgeKind, edge_type: EdgeType, label: String) -> Edge {
    Edge {
        id: format!("{source}->{target}"),
        source: source.to_owned(),
        target: target.to_owned(),
        label,
        kind,
        edge_type,
        field_mappings: Vec::new(),
        entity_fields: Vec::new(),
        entity_name: None,
        value: 1,
        confidence: None,
        read: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_agents_are_there_before_any_source() {
        let agent = Agent {
            id: "a".into(),
            name: "A".into(),
            description: String::new(),
            color: "#9333ea".into(),
            consumes: vec!["account".into(), "nothing".into()],
            key_metrics: vec!["name".into()],
        };
        let graph = Graph::build(&Ontology::shipped(), &[], &[agent], &HashMap::new());
        assert_eq!(graph.nodes.len(), Ontology::shipped().entities.len() + 1);
        assert_eq!(graph.edges.len(), 1);
        assert_eq!(graph.confidence, None);
    }

    #[test]
    fn the_same_input_gives_the_same_graph_and_every_edge_ends_at_a_node() {
        let mapping = serde_json::json!({"version":1,"stream":"Account","entities":[{"entity":"account","fields":[{"target":"account_id","sources":["Id"],"confidence":0.9,"origin":"matched"}]}]});
        let table = GraphTable {
            name: "Account".into(),
            columns: vec!["Id".into()],
            records: 3,
            read_at: None,
            mapping: Some(serde_json::from_value(mapping).unwrap()),
        };
        let source = GraphSource {
            name: "crm".into(),
            system: "crm".into(),
            live: false,
            stale_after_s: 60,
            tables: vec![table],
        };
        let build = || Graph::build(&Ontology::shipped(), std::slice::from_ref(&source), &[], &HashMap::new());
        assert_eq!(build(), build());
        let graph = build();
        assert!(graph.edges.iter().all(|edge| graph.nodes.iter().any(|node| node.id == edge.source)
            && graph.nodes.iter().any(|node| node.id == edge.target)));
        assert_eq!(graph.confidence, Some(0.9));
    }

    #[test]
    fn live_tables_stand_under_one_parent_and_name_their_system() {
        let table =
            |name: &str| GraphTable { name: name.into(), columns: vec![], records: 2, read_at: None, mapping: None };
        let source = |system: &str, table| GraphSource {
            name: format!("our {system}"),
            system: system.into(),
            live: true,
            stale_after_s: 60,
            tables: vec![table],
        };
        let sources = [source("salesforce", table("Account")), source("hubspot", table("deals"))];
        let graph = Graph::build_grouped(&Ontology::shipped(), &sources, &[], &HashMap::new(), Grouping::FromAam);
        let parents: Vec<_> = graph.nodes.iter().filter(|node| node.kind == NodeKind::SourceParent).collect();
        assert_eq!((parents.len(), parents[0].id.as_str(), parents[0].label.as_str()), (1, AAM_PARENT, "from AAM"));
        assert_eq!(parents[0].records, Some(4));
        let tables: Vec<_> = graph.nodes.iter().filter(|node| node.kind == NodeKind::Source).collect();
        assert_eq!(
            tables.iter().map(|node| node.label.as_str()).collect::<Vec<_>>(),
            ["Salesforce - Account", "HubSpot - Deals"]
        );
        assert!(tables.iter().all(|node| node.parent_id.as_deref() == Some(AAM_PARENT)));
    }
    #[test]
    fn what_an_agent_uses_is_as_fresh_as_the_table_behind_it_that_is_overdue_the_longest() {
        let at = |hour: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hour);
        let mapping = serde_json::json!({"version":1,"stream":"t","entities":[{"entity":"account","fields":[]}]});
        let source = |name: &str, stale_after_s, read_at| GraphSource {
            name: name.into(),
            system: "crm".into(),
            live: true,
            stale_after_s,
            tables: vec![GraphTable {
                name: "t".into(),
                columns: vec![],
                records: 1,
                read_at,
                mapping: Some(serde_json::from_value(mapping.clone()).unwrap()),
            }],
        };
        let agent = Agent {
            id: "a".into(),
            name: "A".into(),
            description: String::new(),
            color: String::new(),
            consumes: vec!["account".into()],
            key_metrics: vec![],
        };
        let used = |sources: &[GraphSource]| {
            let graph = Graph::build(&Ontology::shipped(), sources, std::slice::from_ref(&agent), &HashMap::new());
            let read = |id: &str| graph.nodes.iter().find(|node| node.id == id).unwrap().read;
            let used = graph.edges.iter().find(|edge| edge.kind == EdgeKind::Consumption).unwrap().read;
            assert_eq!((read("dcl_account"), read("agent_a")), (used, None));
            used
        };
        let (hourly, daily) = (source("hourly", 3_600, Some(at(5))), source("daily", 86_400, Some(at(1))));
        assert_eq!(used(&[daily.clone(), hourly]), Some(LastRead { at: Some(at(5)), stale_after_s: 3_600 }));
        let never = source("never", 60, None);
        assert_eq!(used(&[daily, never]), Some(LastRead { at: None, stale_after_s: 60 }));
        assert_eq!(used(&[]), None);
    }
}
