//! Row 13: a stream breaks off after N words: by a status, by a reset of the replica's connection, by a reset of the engine's. What the
//! client has read is the beginning of one replica's words, and exactly one end says that it broke off.

use std::time::Duration;

use plexus_proto::v1::{AskRequest, AskResponse, DegradationReason, Domain, ask_stream_response::Event};
use plexus_testkit::{FakeLlm, Play, fault::Proxy};
use tokio::time::timeout;
use tonic::Status;

use super::Setting;
use crate::{
    DEADLINE, Service,
    ask::{Router, connect, timed},
    chaos::{Check, Checks, Limit, Topology, far_engine, only, settled},
    stub::{Manner, StubSpecialist},
};

/// Words of a whole answer.
const WORDS: usize = 12;
/// Streams of each kind of break.
const STREAMS: u64 = 40;
/// Whole streams between two that break: a breaker that opens, as it should where nothing else happens, would leave no
/// stream to break.
const WHOLE: u64 = 9;

/// What a client has read.
#[derive(Debug, Default)]
struct Transcript {
    text: String,
    done: Option<Box<AskResponse>>,
    status: Option<Status>,
    /// Ends, and what came after the first one.
    ends: usize,
}

/// What is wrong with transcripts.
#[derive(Debug, Default)]
struct Faults {
    streams: usize,
    spliced: usize,
    ends: usize,
    unmarked: usize,
    whole: usize,
    broken: usize,
    silent: usize,
}

/// Runs it.
///
/// # Errors
/// The proxy's port is lost.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let mut faults = Faults::default();
    by_status(&setting, &mut faults).await;
    by_reset(&setting, &mut faults).await?;
    by_engine(&setting, &mut faults).await;
    Ok(vec![
        Check::at_most("spliced or twice", faults.spliced, 0),
        Check::at_most("not exactly one end", faults.ends, 0),
        Check::at_most("unmarked", faults.unmarked, 0),
        Check::new(
            "broken in mid-stream",
            faults.broken as f64,
            "",
            Limit::AtLeast(setting.calls(STREAMS) as f64),
        ),
        Check::shown("without a word", faults.silent as f64, ""),
        Check::shown("whole", faults.whole as f64, ""),
        Check::shown("streams", faults.streams as f64, ""),
    ])
}

fn streaming() -> Manner {
    Manner {
        words: WORDS,
        pause: Duration::from_millis(3),
        ..Manner::default()
    }
}

fn scripts() -> Vec<String> {
    vec![StubSpecialist::script("a", WORDS), StubSpecialist::script("b", WORDS)]
}

async fn by_status(setting: &Setting, faults: &mut Faults) {
    let mut dice = fastrand::Rng::with_seed(setting.seed);
    let one = StubSpecialist::start("a", Domain::Math, streaming(), setting.seed).await;
    let two = StubSpecialist::start("b", Domain::Math, streaming(), setting.seed + 1).await;
    let topology = Topology::of(Domain::Math, &[one.address, two.address]);
    let router = setting.rig.router(&topology).await;
    let question = only(Domain::Math, setting.seed);
    for number in 0..setting.calls(STREAMS) {
        // Only one of them breaks off before the first word: then the other one takes over, unseen.
        let after = dice.usize(1..WORDS);
        for (replica, after) in [(&one, if number % 4 == 0 { 0 } else { after }), (&two, after)] {
            replica.behave(Manner {
                breaks_after: Some(after),
                ..streaming()
            });
        }
        let broken = read(&router, question(number), &[]).await;
        faults.judge("status", &broken, &scripts());
        one.behave(streaming());
        two.behave(streaming());
        for _ in 0..WHOLE {
            let whole = read(&router, question(number), &[]).await;
            faults.judge("status", &whole, &scripts());
        }
    }
}

async fn by_reset(setting: &Setting, faults: &mut Faults) -> anyhow::Result<()> {
    let one = StubSpecialist::start("a", Domain::Math, streaming(), setting.seed).await;
    let two = StubSpecialist::start("b", Domain::Math, streaming(), setting.seed + 1).await;
    let before_one = Proxy::start(one.address, setting.seed).await?;
    let before_two = Proxy::start(two.address, setting.seed).await?;
    let topology = Topology::of(Domain::Math, &[before_one.address(), before_two.address()]);
    let router = setting.rig.router(&topology).await;
    let question = only(Domain::Math, setting.seed);
    for number in 0..setting.calls(STREAMS) / 2 + 1 {
        let broken = read(&router, question(number), &[&before_one, &before_two]).await;
        faults.judge("reset", &broken, &scripts());
        before_one.up().await?;
        before_two.up().await?;
        settled(&router, &topology).await;
        for _ in 0..WHOLE {
            let whole = read(&router, question(number), &[]).await;
            faults.judge("reset", &whole, &scripts());
        }
    }
    Ok(())
}

async fn by_engine(setting: &Setting, faults: &mut Faults) {
    let script = StubSpecialist::script("a", WORDS);
    let engine = FakeLlm::start(Play::Silence).await;
    let math = setting.rig.specialist(Domain::Math, &far_engine(&engine.url())).await;
    let router = setting.rig.router(&Topology::of(Domain::Math, &[math.address])).await;
    let question = only(Domain::Math, setting.seed);
    let mut dice = fastrand::Rng::with_seed(setting.seed);
    for number in 0..setting.calls(STREAMS) / 2 + 1 {
        let words = dice.usize(1..WORDS);
        engine.play(Play::Reset(StubSpecialist::script("a", words)));
        let broken = read(&router, question(number), &[]).await;
        faults.judge("engine", &broken, std::slice::from_ref(&script));
        engine.play(Play::words(&script));
        for _ in 0..WHOLE {
            let whole = read(&router, question(number), &[]).await;
            faults.judge("engine", &whole, std::slice::from_ref(&script));
        }
    }
}

/// Reads a stream to its end; these proxies go down after the third piece of text.
async fn read(router: &Service, request: AskRequest, proxies: &[&Proxy]) -> Transcript {
    let mut read = Transcript::default();
    let mut client = Router::new(connect(&router.url()).await);
    let reading = async {
        let mut stream = match client.ask_stream(timed(request, DEADLINE / 3)).await {
            Ok(response) => response.into_inner(),
            Err(status) => {
                read.status = Some(status);
                read.ends += 1;
                return;
            }
        };
        let mut deltas = 0;
        loop {
            match stream.message().await {
                Ok(Some(message)) => match message.event {
                    Some(Event::Delta(delta)) => {
                        read.text.push_str(&delta.text);
                        // Text after an end is as bad as a second end.
                        read.ends += usize::from(read.done.is_some());
                        deltas += 1;
                        if deltas == 3 {
                            for proxy in proxies {
                                proxy.down().await;
                            }
                        }
                    }
                    Some(Event::Done(done)) => {
                        read.done = Some(Box::new(done));
                        read.ends += 1;
                    }
                    _ => {}
                },
                Ok(None) => return,
                Err(status) => {
                    read.status = Some(status);
                    read.ends += 1;
                    return;
                }
            }
        }
    };
    // A stream that never ends has no end: that is counted.
    let _ = timeout(DEADLINE, reading).await;
    read
}

impl Faults {
    /// Holds a transcript against what replicas would have said in full.
    fn judge(&mut self, kind: &str, read: &Transcript, scripts: &[String]) {
        self.streams += 1;
        let text = read.text.trim_end();
        let whole = scripts.iter().any(|script| script.trim_end() == text);
        let spliced = !scripts.iter().any(|script| script.starts_with(text));
        let told = read.done.as_ref().is_none_or(|done| done.answer.trim_end() == text);
        let marked = match &read.done {
            Some(done) => done
                .degradations
                .iter()
                .any(|one| one.reason() == DegradationReason::CutOff),
            None => read.status.is_some(),
        };
        self.spliced += usize::from(spliced || !told);
        self.ends += usize::from(read.ends != 1);
        self.unmarked += usize::from(!whole && !marked);
        self.whole += usize::from(whole);
        self.broken += usize::from(!whole && !text.is_empty());
        self.silent += usize::from(text.is_empty());
        if spliced || !told || read.ends != 1 || (!whole && !marked) {
            eprintln!("  {kind}: {read:?}");
        }
    }
}
