//! Looks at records while they are read, on the reading thread, and judges them against what was accepted.

use super::held::{Held, Wanted};
use aos_core::mapping::StreamMapping;
use aos_core::shape::StreamShape;
use aos_drift::{Contract, Judged, Sample, Seen, deviates, judge};
use std::collections::HashSet;

/// What a stream is judged by.
pub(crate) struct Watch {
    pub accepted: StreamShape,
    pub contract: Contract,
    /// Columns that the source itself says it has; none where it does not say.
    pub declared: Option<HashSet<String>>,
    /// The path that names each record; none where the mapping reads none.
    pub key: Option<String>,
    pub whole: bool,
    /// Rows of the accepted shape.
    pub held: Held,
    /// Paths of which it is known already that they are not as they were.
    pub known: HashSet<String>,
}

impl Watch {
    /// Judges the first records of a read. Of what is known already nothing is said.
    pub fn judge(&self, sample: &Sample, mapping: &StreamMapping) -> Judged {
        let mut judged = judge(&self.seen(sample, mapping), |shape, key, rows_max| {
            self.held.rows(sample, mapping, Wanted { shape, key, rows_max })
        });
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
            key: self.key.as_deref(),
            whole: self.whole,
        }
    }
}
