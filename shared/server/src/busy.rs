//! How busy the process is, as metrics.

use plexus_resilience::admission::Load;
use plexus_telemetry::metrics::{Sheet, Source, names};

/// Shows the load of the process.
pub(crate) struct Busy(pub(crate) Load);

impl Source for Busy {
    fn show(&self, sheet: &mut Sheet) {
        let now = self.0.snapshot();
        sheet.put(&names::SERVER_IN_FLIGHT, &[], now.in_flight);
        sheet.put(&names::SERVER_LIMIT, &[], self.0.limit());
        sheet.put(&names::SERVER_WAITING, &[], now.waiting);
        sheet.put(&names::SERVER_REFUSED, &[("reason", "overload")], now.refused);
    }
}
