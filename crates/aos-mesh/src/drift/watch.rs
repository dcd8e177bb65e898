//! Looks at records while they are read, on the reading thread, and judges them against what was accepted.

use aos_core::drift::{RowSample, RowSampler};
use aos_core::mapping::StreamMapping;
use aos_core::shape::StreamShape;
use aos_drift::{Contract, Judged, Sample, Seen, deviates, judge};
use aos_lake::{Segment, TenantLake};
use std::collections::HashSet;

/// How many records of the lake are looked at where rows are compared.
const ROWS_READ_MAX: u64 = 20_000;

/// What a stream is judged by.
pub(crate) struct Watch {
    pub accepted: StreamShape,
    pub contract: Contract,
    /// Columns that the source itself says it has; none where it does not say.
    pub declared: Option<HashSet<String>>,
    pub whole: bool,
    pub lake: TenantLake,
    /// Segments with records of the accepted shape, the newest first.
    pub segments: Vec<Segment>,
    /// Paths of which it is known already that they are not as they were.
    pub known: HashSet<String>,
}

impl Watch {
    /// Judges the first records of a read. Of what is known already nothing is said.
    pub fn judge(&self, sample: &Sample, mapping: &StreamMapping) -> Judged {
        let mut judged = judge(&self.seen(sample, mapping), |shape, key, rows_max| self.rows(shape, key, rows_max));
        judged.findings.retain(|finding| !self.known.contains(&finding.path));
        judged
    }

    /// Judges records that come later in a read, where they differ at all.
    pub fn judge_later(&self, sample: &Sample, mapping: &StreamMapping) -> Option<Judged> {
        let differs = sample.records > 0 && deviates(&self.seen(sample, mapping));
        differs.then(|| self.judge(sample, mapping)).filter(|judged| !judged.findings.is_empty())
    }

    fn seen<'s>(&'s self, sample: &'s Sample, mapping: &'s StreamMapping) -> Seen<'s> {
        Seen {
            accepted: &self.accepted,
            sample,
            mapping,
            contract: &self.contract,
            declared: self.declared.as_ref(),
            whole: self.whole,
        }
    }

    /// Reads rows of the accepted shape back from the lake. A segment that cannot be read gives none: names and distributions are left then.
    fn rows(&self, shape: &StreamShape, key: &[String], rows_max: usize) -> RowSample {
        let paths = shape.columns.iter().map(|column| column.path.clone()).collect();
        let mut sampler = RowSampler::new(paths, key, rows_max);
        let mut read = 0;
        for segment in &self.segments {
            let Ok(pages) = self.lake.read(segment) else { continue };
            for page in pages.map_while(Result::ok) {
                read += page.batch.records.len() as u64;
                sampler.observe(&page.batch);
            }
            if read >= ROWS_READ_MAX {
                break;
            }
        }
        sampler.finish()
    }
}
