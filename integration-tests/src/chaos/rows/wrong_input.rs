//! Row 15: input that is too large, too deep, compressed to burst, or no HTTP/2 at all: a typed error each time, and the process lives.

use std::time::Duration;

use bytes::Bytes;
use plexus_proto::v1::{AskRequest, Domain};
use prost::Message as _;
use tonic::Code;

use super::Setting;
use crate::{
    alive,
    bare::{Bare, framed},
    chaos::{
        Check, Checks, Limit, Topology, doors, only, scripted_engine,
        watch::{self, Peak},
    },
    hostile::{self, ASK},
};

/// Bytes that the bomb bursts to.
const BOMB: usize = 256 * 1024 * 1024;

/// A message that is wrong: what about it, headers, bytes, and the codes that say so.
struct Case<'a>(&'a str, &'a [(&'a str, &'a str)], Bytes, &'a [Code]);

/// Runs it.
///
/// # Errors
/// The router hangs.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    let engine = scripted_engine("42");
    let math = setting.rig.specialist(Domain::Math, &engine).await;
    let router = setting.rig.router(&Topology::of(Domain::Math, &[math.address])).await;
    let doors = doors(&[&router], 4);
    let load = setting.load(only(Domain::Math, setting.seed), Duration::from_secs(5));
    load.run(&doors, setting.phase / 5).await;
    let pid = router.process.pid();
    let before = watch::held(pid);
    let peak = Peak::of(pid);
    let running = load.start(&doors);

    let large = ask("x".repeat(5 * 1024 * 1024), String::new());
    let deep = format!("{}true{}", r#"{"properties":{"a":"#.repeat(3_000), "}}".repeat(3_000));
    let deeper = format!("{}{}", "[".repeat(60_000), "]".repeat(5_000));
    let plain = ask("What is 15% of 240?".to_owned(), String::new());
    let gzip: &[(&str, &str)] = &[("grpc-encoding", "gzip")];
    let soon: &[(&str, &str)] = &[("grpc-timeout", "soon")];
    use Code::{InvalidArgument, OutOfRange, ResourceExhausted, Unimplemented};
    let too_large: &[Code] = &[InvalidArgument, ResourceExhausted, OutOfRange];
    // INTERNAL is what gRPC wants for bytes that are no message, and for a flag without an encoding.
    let cases = [
        Case("5 MiB message", &[], framed(&large, false), too_large),
        Case(
            "gzip bomb",
            gzip,
            framed(&bomb(BOMB), true),
            &[Unimplemented, ResourceExhausted],
        ),
        Case(
            "gzip bomb without a word",
            &[],
            framed(&bomb(BOMB), true),
            &[Code::Internal, Unimplemented],
        ),
        Case(
            "deep schema",
            &[],
            framed(&ask("a".to_owned(), deep), false),
            &[InvalidArgument],
        ),
        Case(
            "deeper schema",
            &[],
            framed(&ask("a".to_owned(), deeper), false),
            &[InvalidArgument],
        ),
        Case(
            "no message",
            &[],
            framed(&[0xff; 8], false),
            &[Code::Internal, InvalidArgument],
        ),
        // A deadline that nobody can read may be refused, or be none.
        Case("no deadline", soon, framed(&plain, false), &[InvalidArgument, Code::Ok]),
    ];
    let mut untyped = 0;
    for Case(what, headers, body, expected) in cases {
        let ended = async { Bare::connect(router.address).await?.call(ASK, headers, body).await };
        let ended = ended.await;
        eprintln!("  {what}: {ended:?}");
        untyped += usize::from(!ended.is_ok_and(|ended| expected.contains(&ended.code)));
    }
    let mut held_open = 0;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03plexus-client-hello"[..],
        b"GET / HTTP/1.1\r\nhost: mesh\r\n\r\n",
        b"\x00\xff\x00\xff\x00\xff\x00\xff",
    ] {
        held_open += usize::from(!hostile::hangs_up(router.address, garbage).await);
    }
    let log = running.stop().await;
    let peak = peak.stop().await;
    log.tell();
    Ok(vec![
        Check::at_most("untyped errors", untyped, 0),
        Check::at_most("connections held open", held_open, 0),
        Check::new(
            "processes that live",
            f64::from(u8::from(alive(pid))),
            "",
            Limit::AtLeast(1.0),
        ),
        Check::at_most("others failed", log.failed(), 0),
        Check::new(
            "RSS",
            watch::growth_mib(before.resident, peak),
            "MiB",
            Limit::Below(64.0),
        ),
    ])
}

fn ask(query: String, json_schema: String) -> Vec<u8> {
    AskRequest {
        query,
        json_schema,
        ..AskRequest::default()
    }
    .encode_to_vec()
}

/// A gzip member of zeros that bursts to about so many bytes: one literal, then matches of 258 bytes at distance 1, in one
/// block of fixed codes (RFC 1951, section 3.2.6), 13 bits each. Its checksum is wrong, which is seen only afterwards.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut bits = Bits {
        bytes: b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec(),
        free: 0,
    };
    bits.push(0b1, 1); // the last block
    bits.push(0b01, 2); // fixed codes, least significant bit first
    bits.code(0x30, 8); // the literal 0
    for _ in 0..bytes / 258 {
        bits.code(0b1100_0101, 8); // length 258: symbol 285
        bits.code(0, 5); // distance 1
    }
    bits.code(0, 7); // the end of the block
    bits.bytes.extend([0; 8]);
    bits.bytes
}

struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are not used yet.
    free: u32,
}

impl Bits {
    /// Bits from the most significant one, as codes are written.
    fn code(&mut self, code: u32, count: u32) {
        for index in (0..count).rev() {
            self.push(code >> index & 1, 1);
        }
    }

    /// Bits as they are sent.
    fn push(&mut self, bits: u32, count: u32) {
        for index in 0..count {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            let bit = u8::from(bits >> index & 1 == 1);
            let at = 8 - self.free;
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << at;
            }
            self.free -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bomb_is_small_and_well_formed() {
        let bomb = bomb(258 * 100);
        // Header, 3 + 8 + 100 * 13 + 7 bits, checksum and length.
        assert_eq!(bomb.len(), 10 + (3 + 8 + 1_300 + 7usize).div_ceil(8) + 8);
        // Last block, fixed codes (BTYPE 01, sent least significant bit first), then the code 0011 0000.
        assert_eq!(bomb[10] & 0b111, 0b011);
    }
}
