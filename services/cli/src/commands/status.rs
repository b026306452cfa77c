//! `plexus status`.

use crate::{
    args::Status,
    client::Router,
    failure::{Failure, code},
    health, json, output,
};

/// Shows who is up.
pub(super) async fn run(args: Status) -> Result<(), Failure> {
    let status = Router::connect(&args.router.addr).await?.status().await?;
    output::print(&match args.json {
        true => json::document("GetStatusResponse", &status)?,
        false => health::table(&status),
    })?;
    match status.healthy {
        true => Ok(()),
        false => Err(Failure::quiet(code::NO)),
    }
}
