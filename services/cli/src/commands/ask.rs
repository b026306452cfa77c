//! `plexus ask`.

use plexus_proto::v1::{self, ask_stream_response::Event};

use super::{question, trace_url};
use crate::{
    args::Ask,
    client::Router,
    explain,
    failure::{Failure, code},
    json, output,
};

/// Asks, prints the answer as it comes, then what is to be said about it.
pub(super) async fn run(args: Ask) -> Result<(), Failure> {
    let request = request(&args)?;
    let router = Router::of(&args.router).await?;
    if args.json {
        let response = router.ask(request, args.timeout).await?;
        output::print(&json::document("AskResponse", &response)?)?;
        return verdict(&response, true);
    }
    let response = stream(&router, request, &args).await?;
    if args.explain {
        let url = trace_url(&args.jaeger.jaeger, &response.trace_id);
        let gap = if response.answer.is_empty() { "" } else { "\n" };
        output::print(&format!("{gap}{}", explain::response(&response, &url)))?;
    }
    verdict(&response, args.explain)
}

fn request(args: &Ask) -> Result<v1::AskRequest, Failure> {
    Ok(v1::AskRequest {
        query: question(args.query.clone())?,
        session_id: args.session.clone(),
        constraints: Some(v1::Constraints {
            domains: args.domains.iter().map(|one| v1::Domain::from(*one).into()).collect(),
            tiers: args.tiers.iter().map(|one| v1::Tier::from(*one).into()).collect(),
            max_cost_usd: args.max_cost,
            max_output_tokens: None,
            regions: args.regions.clone(),
            min_confidence: args.min_confidence,
        }),
        task: args.task.clone().unwrap_or_default(),
        json_schema: schema(args.schema.as_deref())?,
        validate_before_stream: args.validated,
        ..v1::AskRequest::default()
    })
}

/// The text of a JSON Schema; whether it is one, the router says.
fn schema(path: Option<&std::path::Path>) -> Result<String, Failure> {
    let Some(path) = path else {
        return Ok(String::new());
    };
    let text = std::fs::read_to_string(path);
    text.map_err(|error| Failure::new(code::INPUT, format!("{}: cannot be read: {error}", path.display())))
}

/// Prints the answer as it comes; returns the whole response.
async fn stream(router: &Router, request: v1::AskRequest, args: &Ask) -> Result<v1::AskResponse, Failure> {
    let patience = args.timeout.saturating_add(crate::client::SLACK);
    let mut events = router.ask_stream(request, args.timeout).await?;
    let mut written = String::new();
    let read = async {
        loop {
            let message = events.message().await.map_err(|status| router.failure(&status))?;
            match message.and_then(|message| message.event) {
                Some(Event::Delta(delta)) => {
                    output::answer(&delta.text)?;
                    written.push_str(&delta.text);
                }
                Some(Event::Done(response)) => return Ok(response),
                Some(_) => {}
                None => {
                    let problem = "the answer broke off: the router ended it without its last word";
                    return Err(Failure::new(code::SOFTWARE, problem));
                }
            }
        }
    };
    let response = match tokio::time::timeout(patience, read).await {
        Ok(response) => response,
        Err(_) => Err(Failure::new(
            code::TEMPORARY,
            format!("no end of the answer within {:?}", args.timeout),
        )),
    };
    // A refusal, or an answer that came in the last word only.
    if let Ok(response) = &response
        && written.is_empty()
        && !response.answer.is_empty()
    {
        output::answer(&response.answer)?;
        written.clone_from(&response.answer);
    }
    if !written.is_empty() && !written.ends_with('\n') {
        output::answer("\n")?;
    }
    response
}

/// How it ended, as a note and an exit code; `said` where all of it is on the screen already.
fn verdict(response: &v1::AskResponse, said: bool) -> Result<(), Failure> {
    let outcome = v1::Outcome::try_from(response.outcome).unwrap_or_default();
    let why = explain::degradations(&response.degradations);
    match outcome {
        v1::Outcome::Refused => {
            let reason = response
                .route
                .as_ref()
                .map_or_else(|| "refused".to_owned(), |route| output::line(&route.reason));
            output::note(&output::paint(output::BAD, reason));
            Err(Failure::quiet(code::NO))
        }
        v1::Outcome::Held => {
            output::note(&output::paint(output::WARN, "held: it waits for a person"));
            Err(Failure::quiet(code::NO))
        }
        _ if response.answer.is_empty() => {
            output::note(&output::paint(output::BAD, format!("no answer: {why}")));
            if declined(response) {
                output::note(
                    "Exact engines cannot answer it. PLEXUS_LLM_URL=http://HOST:PORT/v1 gives the mesh a model.",
                );
            }
            Err(Failure::quiet(code::NO))
        }
        v1::Outcome::Degraded => {
            if !said {
                output::note(&output::paint(output::WARN, format!("degraded: {why}")));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn declined(response: &v1::AskResponse) -> bool {
    let declined = i32::from(v1::DegradationReason::EnginesDeclined);
    response.degradations.iter().any(|one| one.reason == declined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(outcome: v1::Outcome, answer: &str) -> u8 {
        let response = v1::AskResponse {
            outcome: outcome.into(),
            answer: answer.into(),
            ..v1::AskResponse::default()
        };
        verdict(&response, false).err().map_or(0, |failure| failure.code())
    }

    #[test]
    fn exit_codes_say_whether_there_is_an_answer() {
        assert_eq!(ended(v1::Outcome::Answered, "4"), 0);
        assert_eq!(ended(v1::Outcome::Degraded, "4"), 0);
        assert_eq!(ended(v1::Outcome::Degraded, ""), 1);
        assert_eq!(ended(v1::Outcome::Refused, ""), 1);
        assert_eq!(ended(v1::Outcome::Held, ""), 1);
    }
}
