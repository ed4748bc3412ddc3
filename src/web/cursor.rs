//! Where a page of the queue ends, as it stands in an address: `due.case.task`. Whoever gets one hands
//! it back as it is. Called by the queue's page and by the API.

use crate::store::{CaseId, QueuePlace};

pub(super) fn written((due, case, task): &QueuePlace) -> String {
    format!("{due}.{case}.{task}")
}

/// None: it is none of ours.
pub(super) fn place(text: &str) -> Option<QueuePlace> {
    let mut parts = text.split('.');
    let place = (
        parts.next()?.parse().ok()?,
        parts.next()?.parse::<CaseId>().ok()?,
        parts.next()?.parse().ok()?,
    );
    parts.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_itself() {
        let here = (i64::MAX, CaseId(uuid::Uuid::nil()), 7);
        assert_eq!(place(&written(&here)), Some(here));
        for wrong in ["", "1", "1.2.3", "x.y.z", &format!("{}.1", written(&here))] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
