//! What is seen of engines, as metrics.

use std::sync::Arc;

use plexus_telemetry::metrics::{Sheet, Source, names};

use super::Figures;
use crate::{cascade::asked_later, engine::Engine};

/// Shows the engines of a specialist.
pub(crate) struct Shown(pub(crate) Arc<[Arc<dyn Engine>]>);

impl Source for Shown {
    fn show(&self, sheet: &mut Sheet) {
        for (engine, later) in self.0.iter().zip(asked_later(&self.0)) {
            engine.show(sheet);
            if let Some(live) = engine.live() {
                write(&engine.info().name, live.figures(), later.is_some(), sheet);
            }
        }
    }
}

/// Zeros where it was never asked, so that rows do not appear only when something happens.
fn write(engine: &str, figures: Option<Figures>, later: bool, sheet: &mut Sheet) {
    let labels = [("engine", engine)];
    let of = |what: fn(&Figures) -> u32| figures.as_ref().map_or(0, what);
    sheet.put(&names::ENGINE_IN_FLIGHT, &labels, of(|one| one.in_flight));
    sheet.put(&names::ENGINE_CALLS, &labels, of(|one| one.calls));
    sheet.put(&names::ENGINE_FAILURES, &labels, of(|one| one.failures));
    sheet.put(&names::ENGINE_ADAPTED, &labels, u32::from(later));
    if let Some(first_word) = figures.and_then(|one| one.first_word) {
        sheet.put(&names::ENGINE_FIRST_WORD, &labels, first_word.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use plexus_telemetry::metrics::{Metric, Value};

    use super::*;

    fn value(figures: Option<Figures>, metric: &Metric) -> Option<Value> {
        let mut sheet = Sheet::default();
        let later = figures.is_some();
        write("large", figures, later, &mut sheet);
        sheet.value(metric, &[("engine", "large")])
    }

    #[test]
    fn what_is_seen_is_shown_and_zeros_before_anything_is() {
        let seen = Some(Figures {
            calls: 12,
            failures: 3,
            first_word: Some(Duration::from_millis(250)),
            usual: None,
            in_flight: 2,
        });
        for (metric, before, after) in [
            (&names::ENGINE_IN_FLIGHT, 0_u32, 2_u32),
            (&names::ENGINE_CALLS, 0, 12),
            (&names::ENGINE_FAILURES, 0, 3),
            (&names::ENGINE_ADAPTED, 0, 1),
        ] {
            assert_eq!(value(None, metric), Some(before.into()), "{}", metric.name);
            assert_eq!(value(seen.clone(), metric), Some(after.into()), "{}", metric.name);
        }
        assert_eq!(value(None, &names::ENGINE_FIRST_WORD), None);
        assert_eq!(value(seen, &names::ENGINE_FIRST_WORD), Some(Value::Real(0.25)));
    }
}
