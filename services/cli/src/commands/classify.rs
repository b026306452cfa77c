//! `plexus classify`.

use super::question;
use crate::{args::Classify, client::Router, explain, failure::Failure, json, output, words};

/// Asks how a query would be routed.
pub(super) async fn run(args: Classify) -> Result<(), Failure> {
    let query = question(args.query)?;
    let response = Router::of(&args.router).await?.classify(query).await?;
    if args.json {
        return output::print(&json::document("ClassifyResponse", &response)?);
    }
    let route = response.route.as_ref().map(explain::route).unwrap_or_default();
    let time = output::paint(output::STRONG, "time      ");
    output::print(&format!("{route}{time}{}\n", words::time(response.latency.as_ref())))
}
