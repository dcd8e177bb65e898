//! Measures drift detection and repair on generated cases, and learns the drift model from them.
//!
//! ```text
//! drift eval ROOT [N]     the shipped model on the systems it was not learned from; N cases of each kind, table and view; what is
//!                         applied by itself is counted by the default tiers, and under a stated limit of 1 % wrong
//! drift fit  ROOT [N]     learns from the other systems and writes crates/aos-match/drift_model.json
//! ```
//! `--all` takes every system, `--raw FILE` writes the figures as JSON, `--mistakes` lists what went wrong.

mod case;
mod chance;
mod change;
mod facts;
mod grow;
mod learn;
mod limit;
mod measure;
mod names;
mod table;

use aos_match::drift::compare_with;
use aos_match::drift::training::DriftModel;
use case::{DriftCase, View, make};
use change::Kind;
use limit::Acting;
use measure::Score;
use names::Names;
use std::collections::BTreeMap;
use std::path::Path;
use table::Table;

fn main() {
    if let Err(error) = run() {
        eprintln!("drift: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| arguments.iter().position(|one| one == name).map(|at| arguments.remove(at)).is_some();
    let (all, mistakes) = (flag("--all"), flag("--mistakes"));
    let raw = arguments
        .iter()
        .position(|one| one == "--raw")
        .map(|at| arguments.drain(at..(at + 2).min(arguments.len())).next_back());
    let (command, root, count) = match arguments.as_slice() {
        [command, root] => (command, Path::new(root), 1),
        [command, root, count] => {
            (command, Path::new(root), count.parse().map_err(|_| "N must be a number".to_owned())?)
        }
        _ => return Err("expected: drift eval|fit ROOT [N] [--all] [--raw FILE] [--mistakes]".to_owned()),
    };
    let names = Names::read(root)?;
    let tables = table::all(root)?;
    match command.as_str() {
        "fit" => fit(root, &tables, &names, count),
        "eval" => {
            let own: Vec<&Table> = tables.iter().filter(|table| all || part(table, &tables) == Part::Test).collect();
            let calibration: Vec<&Table> =
                tables.iter().filter(|table| part(table, &tables) == Part::Calibration).collect();
            eval((&own, &calibration), &names, count, mistakes, raw.flatten().as_deref())
        }
        other => Err(format!("no command `{other}`; expected eval or fit")),
    }
}

/// What a system is for. Its cases are all of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Weights,
    Calibration,
    Test,
}

fn part(table: &Table, tables: &[Table]) -> Part {
    let mut systems: Vec<&str> = tables.iter().map(|table| table.system.as_str()).collect();
    systems.sort_unstable();
    systems.dedup();
    match systems.iter().position(|system| *system == table.system).unwrap_or(0) % 4 {
        0 => Part::Weights,
        2 => Part::Calibration,
        _ => Part::Test,
    }
}

/// Every case of a table: each kind in each view that can show it, and as many clean pairs as there are kinds.
fn cases<'t>(table: &'t Table, names: &'t Names, count: u64) -> impl Iterator<Item = DriftCase> + 't {
    let of_view = move |view: View| {
        let shown = move |kind: &Kind| match view {
            View::NamesOnly => kind.shows_in_names(),
            View::OtherRows => !kind.needs_same_rows(),
            View::SameRows => true,
        };
        let kinds = Kind::ALL.into_iter().filter(shown).map(Some);
        let clean = if view == View::NamesOnly { 0 } else { 6 };
        kinds.chain(std::iter::repeat_n(None, clean)).enumerate().map(move |(at, kind)| (view, kind, at as u64))
    };
    let all = View::ALL.into_iter().flat_map(of_view);
    all.flat_map(move |(view, kind, at)| {
        (0..count).filter_map(move |number| {
            make(table, view, kind, if kind.is_none() { at * 1_000 + number } else { number }, names)
        })
    })
}

/// What people decide about on systems that are neither fitted nor measured gives the threshold, as it would for a tenant.
fn acting(tables: &[&Table], names: &Names, count: u64) -> Acting {
    let mut decisions = Vec::new();
    for table in tables {
        for case in cases(table, names, count) {
            let drift = compare_with(&case.before, &case.after, None, DriftModel::shipped());
            decisions.extend(Score::of(&case, &drift, &Acting::never()).decisions);
        }
    }
    Acting::of(&decisions)
}

fn eval(
    (tables, calibration): (&[&Table], &[&Table]),
    names: &Names,
    count: u64,
    mistakes: bool,
    raw: Option<&str>,
) -> Result<(), String> {
    let model = DriftModel::shipped();
    let acting = acting(calibration, names, count);
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut total = Score::default();
    for table in tables {
        for case in cases(table, names, count) {
            let score = Score::of(&case, &compare_with(&case.before, &case.after, None, model), &acting);
            let kind = case.kinds.first().map_or("clean".to_owned(), |kind| format!("{kind:?}"));
            scores.entry(format!("{} · {kind}", case.view.name())).or_default().add(&score);
            scores.entry(format!("{} · ALL", case.view.name())).or_default().add(&score);
            scores.entry(format!("system · {}", table.system)).or_default().add(&score);
            total.add(&score);
        }
    }
    let systems: std::collections::BTreeSet<&str> = tables.iter().map(|table| table.system.as_str()).collect();
    println!("{} systems, {} tables, {} cases", systems.len(), tables.len(), total.cases);
    println!(
        "{:<28} {:>6} {:>7} {:>7} {:>9} {:>7} {:>7} {:>9} {:>7} {:>6} {:>10}",
        "view · kind", "cases", "recall", "alarms", "repairs", "auto", "wrong", "escalated", "top 3", "ECE", "at 1 %"
    );
    scores.insert("TOTAL".to_owned(), total);
    for (name, score) in &scores {
        print(name, score);
    }
    limit::tell(&scores["TOTAL"], &acting);
    if mistakes {
        scores["TOTAL"].mistakes.iter().for_each(|mistake| println!("  {mistake}"));
    }
    let Some(path) = raw else { return Ok(()) };
    let kept = serde_json::json!({
        "systems": systems.len(), "tables": tables.len(), "seeds": count, "limit": acting, "summary": limit::summary(&scores["TOTAL"]),
        "scores": scores,
    });
    let text = serde_json::to_string_pretty(&kept).map_err(|error| error.to_string())?;
    std::fs::write(path, text + "\n").map_err(|error| format!("cannot write {path}: {error}"))
}

fn print(name: &str, score: &Score) {
    let share =
        |part: usize, of: usize| if of == 0 { "-".to_owned() } else { format!("{:.3}", part as f64 / of as f64) };
    println!(
        "{name:<28} {:>6} {:>7} {:>7} {:>9} {:>7} {:>7} {:>9} {:>7} {:>6.3} {:>10}",
        score.cases,
        share(score.detected, score.truths),
        if score.clean > 0 { format!("{}/{}", score.false_alarms, score.clean) } else { "-".to_owned() },
        score.repairable,
        share(score.auto_right, score.repairable),
        format!("{}/{}", score.auto_wrong, score.auto_wrong + score.auto_right),
        score.escalated,
        share(score.escalated_in_first_three, score.escalated),
        score.ece(),
        format!("{}/{}", score.applied_wrong, score.applied_wrong + score.applied_right)
    );
}

fn fit(root: &Path, tables: &[Table], names: &Names, count: u64) -> Result<(), String> {
    let of = |wanted: Part| tables.iter().filter(move |table| part(table, tables) == wanted);
    let learned: Vec<learn::Example> = of(Part::Weights)
        .flat_map(|table| cases(table, names, count))
        .filter(|case| !case.truths.is_empty() && case.truths.len() < 8)
        .flat_map(|case| learn::examples(&case))
        .collect();
    let path = root.join("crates/aos-match/drift_prior.json");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let prior: DriftModel = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut model = learn::fit(&learned, &prior);
    let mut judged: BTreeMap<&str, Vec<(f64, bool)>> = BTreeMap::new();
    for case in of(Part::Calibration).flat_map(|table| cases(table, names, count)) {
        for (view, confidence, right) in aos_match::drift::training::judge(
            &case.before,
            &case.after,
            &model,
            |path, to| {
                case.truths.iter().any(|truth| truth.path == path && matches!(&truth.cure, change::Cure::Read { sources, .. } if sources.len() == 1 && sources[0] == to))
            },
        ) {
            judged.entry(view).or_default().push((confidence, right));
        }
    }
    let calibrated = |view: &str| judged.get(view).map_or(prior.names, |judged| learn::platt(judged));
    (model.names, model.values, model.rows) = (calibrated("names"), calibrated("values"), calibrated("rows"));
    println!(
        "{} pairs learned from, {} judged for calibration",
        learned.len(),
        judged.values().map(Vec::len).sum::<usize>()
    );
    for (name, weight) in &model.pair {
        println!("{name:<26} {weight:>8.3}");
    }
    println!("{:?}\n{:?}\n{:?}", model.names, model.values, model.rows);
    let out = root.join("crates/aos-match/drift_model.json");
    let text = serde_json::to_string_pretty(&model).map_err(|error| error.to_string())?;
    std::fs::write(&out, text + "\n").map_err(|error| format!("cannot write {}: {error}", out.display()))
}
