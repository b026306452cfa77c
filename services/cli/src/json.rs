//! Messages of the contract as JSON, by protobuf's own mapping: lowerCamelCase names, enums by name, durations like
//! `"0.0123s"`. Fields with their default value are written too, so that a script finds every list.

use plexus_proto::v1::FILE_DESCRIPTOR_SET;
use serde::Serializer;
use std::fmt::Display;

use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};

use crate::failure::{Failure, code};

/// A message, named as in package `plexus.v1`, as a JSON value.
///
/// # Errors
/// The message is not part of the contract.
pub fn value(name: &str, message: &impl prost::Message) -> Result<serde_json::Value, Failure> {
    write(name, message, serde_json::value::Serializer)
}

/// The same as a document for people and scripts, fields in the order of the contract.
///
/// # Errors
/// As [`value`].
pub fn document(name: &str, message: &impl prost::Message) -> Result<String, Failure> {
    let mut out = Vec::new();
    write(name, message, &mut serde_json::Serializer::pretty(&mut out))?;
    out.push(b'\n');
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn write<S: Serializer>(name: &str, message: &impl prost::Message, serializer: S) -> Result<S::Ok, Failure> {
    let fault = |problem: &dyn Display| Failure::new(code::SOFTWARE, format!("cannot write {name} as JSON: {problem}"));
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).map_err(|error| fault(&error))?;
    let descriptor = pool
        .get_message_by_name(&format!("plexus.v1.{name}"))
        .ok_or_else(|| fault(&"it is not part of the contract"))?;
    let mut dynamic = DynamicMessage::new(descriptor);
    dynamic.transcode_from(message).map_err(|error| fault(&error))?;
    let options = SerializeOptions::new().skip_default_fields(false);
    dynamic
        .serialize_with_options(serializer, &options)
        .map_err(|error| fault(&error))
}

#[cfg(test)]
mod tests {
    use plexus_proto::v1;

    use super::*;

    #[test]
    fn the_mapping_is_protobufs_own() {
        let response = v1::AskResponse {
            answer: "4".into(),
            outcome: v1::Outcome::Answered.into(),
            usage: Some(v1::Usage {
                input_tokens: 3,
                ..v1::Usage::default()
            }),
            timings: Some(v1::Timings {
                total: Some(prost_types::Duration {
                    seconds: 0,
                    nanos: 12_300_000,
                }),
                ..v1::Timings::default()
            }),
            ..v1::AskResponse::default()
        };
        let json = value("AskResponse", &response).unwrap();
        assert_eq!(json["outcome"], "OUTCOME_ANSWERED");
        assert_eq!(
            json["usage"]["inputTokens"], "3",
            "64-bit numbers are texts in protobuf's JSON"
        );
        assert_eq!(json["timings"]["total"], "0.012300s");
        assert_eq!(json["degradations"], serde_json::json!([]));
        assert_eq!(json["traceId"], "");
    }

    #[test]
    fn unknown_names_are_a_fault() {
        assert_eq!(
            value("Nothing", &v1::GetStatusRequest {}).unwrap_err().code(),
            code::SOFTWARE
        );
    }
}
