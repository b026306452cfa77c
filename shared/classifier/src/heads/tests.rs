//! Labels of all kinds, fusion, and what does not fit.

use super::*;

fn head(labels: &[&str], activation: Option<Activation>, map: &[(&str, &str)]) -> Head {
    Head {
        output: "o".into(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        activation,
        temperature: 1.0,
        second: 0.0,
        map: map
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect(),
    }
}

fn domain(head: &Head) -> Result<Labels, String> {
    Labels::of("domain", head, &Domain::ALL.map(Domain::name), Activation::Sigmoid)
}

fn close(found: &[f32], expected: &[f32]) {
    let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4);
    assert!(
        near && found.len() == expected.len(),
        "{found:?}, expected {expected:?}"
    );
}

#[test]
fn labels_come_in_any_order_and_may_be_missing() {
    let labels = domain(&head(&["language", "code"], None, &[])).unwrap();
    close(&labels.scores::<4>(&[0.0, 100.0], None), &[1.0, 0.0, 0.0, 0.5]);
}

#[test]
fn labels_with_one_meaning_are_joined() {
    let map = [("physics", "math"), ("law", "language")];
    let names = ["math", "physics", "law", "code"];
    let softmax = domain(&head(&names, Some(Activation::Softmax), &map)).unwrap();
    close(&softmax.scores::<4>(&[0.0; 4], None), &[0.25, 0.5, 0.0, 0.25]);
    let sigmoid = domain(&head(&names, None, &map)).unwrap();
    close(
        &sigmoid.scores::<4>(&[-100.0, 0.0, 100.0, -100.0], None),
        &[0.0, 0.5, 0.0, 1.0],
    );
}

#[test]
fn a_second_domain_is_raised_but_never_before_the_best() {
    let mut labels = domain(&head(&["code", "math", "reasoning", "language"], None, &[])).unwrap();
    labels.second = 1.0;
    let scores = labels.scores::<4>(&[2.0, 1.8, -1.0, -3.0], None);
    close(&scores[..1], &[sigmoid(2.0, 1.0)]);
    close(&scores[2..], &[sigmoid(0.0, 1.0), sigmoid(-2.0, 1.0)]);
    assert!(scores[1] < scores[0] && scores[0] - scores[1] < 0.001, "{scores:?}");
}

#[test]
fn the_first_stage_is_added_before_the_temperature() {
    let labels = domain(&head(&["math", "code"], None, &[])).unwrap();
    let first = [2.0, -4.0, 9.0, 9.0];
    close(
        &labels.scores(&[1.0, -1.0], Some((first, 0.5))),
        &[0.5, sigmoid(-1.0, 1.0), 0.0, 0.0],
    );
}

#[test]
fn what_the_encoder_lacks_is_the_first_stages() {
    let heads = Heads {
        domain: domain(&head(&["math", "code"], None, &[])).unwrap(),
        guard: None,
        complexity: None,
    };
    let reading = Reading {
        embedding: vec![],
        domain: vec![0.0, 0.0],
        guard: vec![],
        complexity: None,
        tokens: 1,
        tokens_read: 1,
    };
    let one = PerHead {
        domain: 1.0,
        guard: 1.0,
        complexity: 1.0,
    };
    let logits = Logits {
        domain: [0.0; 4],
        guard: Some([0.0, 100.0, 0.0]),
        complexity: Some(0.0),
    };
    let beside = Beside {
        logits,
        scores: logits.scores(one),
        weight: one,
    };
    let scores = heads.scores(&reading, Some(&beside));
    close(&scores.guard.unwrap(), &[0.0, 1.0, 0.0]);
    assert_eq!(scores.complexity, Some(0.5));
    assert_eq!(heads.scores(&reading, None).guard, None);
}

#[test]
fn labels_that_do_not_fit_are_named() {
    let unknown = domain(&head(&["kode", "math"], None, &[])).unwrap_err();
    assert!(
        unknown.contains("heads.domain.labels") && unknown.contains("`kode`"),
        "{unknown}"
    );
    let mapped = domain(&head(&["x", "math"], None, &[("x", "physics")])).unwrap_err();
    assert!(
        mapped.contains("heads.domain.map") && mapped.contains("`physics`"),
        "{mapped}"
    );
}
