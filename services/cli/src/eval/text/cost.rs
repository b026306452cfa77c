//! What the stages decide and what that costs, as tables.

use anstyle::Style;

use super::{
    super::{
        latency::{Latency, Spread},
        stages::Stages,
    },
    grid::{Grid, maybe, points, section},
};
use crate::output::STRONG;

/// The first stage beside the encoder, and the curve of accuracy and cost.
pub(super) fn stages(stages: &Stages) -> String {
    let mut table = Grid::new(["first stage", "%"]);
    for (name, value) in [
        ("answers alone", stages.share),
        ("alone for their language", stages.foreign),
        ("accuracy where it is sure", stages.strict_sure),
        ("accuracy everywhere", stages.strict),
        ("accuracy of the encoder", stages.encoder_strict),
        ("agrees with the encoder", stages.agreement),
        ("agrees where it is sure", stages.agreement_sure),
    ] {
        table.row([name.to_owned(), maybe(value)]);
    }
    let mut out = section("stages", "", &table);
    let mut table = Grid::new([
        "sure from",
        "to the encoder %",
        "strict %",
        "mean ms",
        "p50 ms",
        "p99 ms",
    ]);
    for point in &stages.curve {
        let sure = point
            .sure
            .map_or_else(|| "always encoder".to_owned(), |sure| format!("{sure}"));
        let style = if point.configured { STRONG } else { Style::new() };
        let mark = if point.configured { " (configured)" } else { "" };
        let times = [point.mean_ms, point.p50_ms, point.p99_ms].map(|time| format!("{time:.3}"));
        let cells = [sure + mark, points(point.escalated), points(point.strict)];
        table.styled(style, cells.into_iter().chain(times));
    }
    out += &section("accuracy and cost", "rows of one domain", &table);
    out
}

/// Times of the stages.
pub(super) fn latency(latency: &Latency) -> String {
    let mut table = Grid::new(["", "p50 ms", "mean ms", "p99 ms"]);
    if let Some(first) = &latency.first {
        let p99 = format!("{:.4}", first.p99_us / 1e3);
        let p50 = format!("{:.4}", first.p50_us / 1e3);
        table.row(["first stage".to_owned(), p50, String::new(), p99]);
        if let Some(usual) = first.p50_us_at_32 {
            table.row(["first stage, 28-36 tokens".to_owned(), format!("{:.4}", usual / 1e3)]);
        }
    }
    for (name, spread) in [
        ("both stages", &latency.both),
        ("encoder's pass", &latency.encoder),
        ("bare ONNX Runtime", &latency.bare),
    ] {
        let Spread {
            p50_ms,
            mean_ms,
            p99_ms,
        } = spread;
        let times = [p50_ms, mean_ms, p99_ms].map(|time| format!("{time:.3}"));
        table.row(std::iter::once(name.to_owned()).chain(times));
    }
    let detail = format!(
        "one thread, no cache; encoder's pass {:.3} of a bare one",
        latency.encoder_to_bare
    );
    section("latency", &detail, &table)
}
