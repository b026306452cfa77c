//! `plexus status`.

use plexus_proto::v1::GetStatusResponse;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    args::Status,
    client::Router,
    failure::{Failure, code},
    health, json, output,
};

/// Shows who is up, once or for as long as somebody watches.
pub(super) async fn run(args: Status) -> Result<(), Failure> {
    if args.watch {
        return watch(&args).await;
    }
    let status = Router::of(&args.router).await?.status().await?;
    output::print(&match args.json {
        true => json::document("GetStatusResponse", &status)?,
        false => health::table(&status),
    })?;
    match status.healthy {
        true => Ok(()),
        false => Err(Failure::quiet(code::NO)),
    }
}

/// Shows it again and again; a router that goes away is waited for.
async fn watch(args: &Status) -> Result<(), Failure> {
    let mut ticks = interval(args.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut router, mut before) = (None, None);
    loop {
        ticks.tick().await;
        let status = look(&mut router, args).await;
        if let Err(failure) = &status
            && before.is_none()
        {
            // Nobody was ever there: a wrong address, most likely.
            return Err(failure.clone());
        }
        match (&status, args.json) {
            (Ok(status), true) => output::print(&format!("{}\n", json::value("GetStatusResponse", status)?)),
            (Ok(status), false) => output::screen(&health::table_since(status, before.as_ref())),
            (Err(failure), true) => {
                output::print(&format!("{}\n", serde_json::json!({ "error": failure.to_string() })))
            }
            (Err(failure), false) => output::screen(&format!("{failure}\n")),
        }?;
        before = status.ok().or(before);
    }
}

async fn look(router: &mut Option<Router>, args: &Status) -> Result<GetStatusResponse, Failure> {
    let connected = match router.take() {
        Some(router) => router,
        None => Router::of(&args.router).await?,
    };
    let status = connected.status().await?;
    *router = Some(connected);
    Ok(status)
}
