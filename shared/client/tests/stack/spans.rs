//! What the span of a call says.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use plexus_resilience::deadline::Deadline;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use crate::support::{Does, Replica, ask, config, pool, question};

/// Keeps the ports that are written on spans.
#[derive(Debug, Clone, Default)]
struct Ports(Arc<Mutex<Vec<u64>>>);

impl<S: Subscriber> Layer<S> for Ports {
    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut Port(&self.0));
    }
}

struct Port<'a>(&'a Mutex<Vec<u64>>);

impl Visit for Port<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "server.port" {
            self.0.lock().unwrap().push(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[tokio::test]
async fn a_call_that_ran_out_of_time_says_who_hung() {
    let hangs = Replica::start(Does::Hang).await;
    let pool = pool(&[&hangs], &config()).await;
    let ports = Ports::default();
    let _spans = tracing::subscriber::set_default(tracing_subscriber::registry().with(ports.clone()));
    let mut request = question();
    request
        .extensions_mut()
        .insert(Deadline::after(Duration::from_millis(200)));
    ask(&pool, request).await.0.unwrap_err();
    assert_eq!(*ports.0.lock().unwrap(), [u64::from(hangs.address.port())]);
}
