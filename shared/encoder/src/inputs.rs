//! What a graph wants to be given, and tokens in that form.

use ort::{
    session::SessionInputValue,
    value::{Outlet, Tensor, TensorElementType as Kind},
};

use crate::manifest::Input;

/// The inputs of a graph.
#[derive(Debug)]
pub(crate) struct Inputs {
    ids: Slot,
    mask: Option<Slot>,
    types: Option<Slot>,
}

/// An input of a graph: its name and the kind of its numbers, where it is a tensor.
pub(crate) type Asked<'a> = (&'a str, Option<Kind>);

/// The inputs that a graph asks for.
pub(crate) fn asked(graph: &[Outlet]) -> Vec<Asked<'_>> {
    let kind = |outlet: &Outlet| outlet.dtype().tensor_type();
    graph.iter().map(|outlet| (outlet.name(), kind(outlet))).collect()
}

/// One input that is given.
#[derive(Debug)]
struct Slot {
    name: String,
    /// Whether it wants 64 bits, not 32.
    wide: bool,
}

impl Inputs {
    /// Fits the manifest's names to the graph's inputs; the error says which input does not fit.
    pub(crate) fn fit(wanted: &Input, graph: &[Asked<'_>]) -> Result<Self, String> {
        let optional = |name: &Option<String>, default: &str| match name {
            Some(name) => slot(graph, name).map(Some),
            None if has(graph, default) => slot(graph, default).map(Some),
            None => Ok(None),
        };
        let inputs = Self {
            ids: slot(graph, wanted.ids.as_deref().unwrap_or("input_ids"))?,
            mask: optional(&wanted.mask, "attention_mask")?,
            types: optional(&wanted.types, "token_type_ids")?,
        };
        let given: Vec<&str> = inputs.slots().map(|slot| slot.name.as_str()).collect();
        match graph.iter().find(|(name, _)| !given.contains(name)) {
            Some((stray, _)) => Err(format!("the graph wants an input `{stray}`, which nothing gives")),
            None => Ok(inputs),
        }
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        std::iter::once(&self.ids).chain(&self.mask).chain(&self.types)
    }

    /// A text's tokens as the graph wants them.
    pub(crate) fn values(&self, ids: &[u32]) -> Result<Vec<(&str, SessionInputValue<'static>)>, ort::Error> {
        let mut values = vec![(self.ids.name.as_str(), self.ids.tensor(ids.iter().copied())?)];
        for (slot, value) in [(&self.mask, 1), (&self.types, 0)] {
            if let Some(slot) = slot {
                values.push((&slot.name, slot.tensor(std::iter::repeat_n(value, ids.len()))?));
            }
        }
        Ok(values)
    }
}

impl Slot {
    fn tensor(&self, values: impl ExactSizeIterator<Item = u32>) -> Result<SessionInputValue<'static>, ort::Error> {
        let shape = [1, values.len()];
        Ok(match self.wide {
            true => Tensor::from_array((shape, values.map(i64::from).collect::<Vec<_>>()))?.into(),
            // No vocabulary has so many words that an id would not fit.
            false => Tensor::from_array((shape, values.map(|id| id as i32).collect::<Vec<_>>()))?.into(),
        })
    }
}

fn has(graph: &[Asked<'_>], name: &str) -> bool {
    graph.iter().any(|(asked, _)| *asked == name)
}

fn slot(graph: &[Asked<'_>], name: &str) -> Result<Slot, String> {
    let Some((_, kind)) = graph.iter().find(|(asked, _)| *asked == name) else {
        let names: Vec<&str> = graph.iter().map(|(name, _)| *name).collect();
        return Err(format!("the graph has no input `{name}`, only {}", names.join(", ")));
    };
    let wide = match kind {
        Some(Kind::Int64) => true,
        Some(Kind::Int32) => false,
        Some(kind) => {
            return Err(format!(
                "input `{name}` of the graph is {kind}, tokens are int64 or int32"
            ));
        }
        None => return Err(format!("input `{name}` of the graph is no tensor")),
    };
    Ok(Slot {
        name: name.to_owned(),
        wide,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Input {
        Input {
            max_tokens: 8,
            ids: None,
            mask: None,
            types: None,
        }
    }

    #[test]
    fn only_what_the_graph_has_is_given() {
        let graph = [("input_ids", Some(Kind::Int32)), ("token_type_ids", Some(Kind::Int64))];
        let inputs = Inputs::fit(&wanted(), &graph).unwrap();
        let given: Vec<(&str, bool)> = inputs.slots().map(|slot| (slot.name.as_str(), slot.wide)).collect();
        assert_eq!(given, [("input_ids", false), ("token_type_ids", true)]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let ids = ("input_ids", Some(Kind::Int64));
        let error = |wanted, graph: &[Asked<'_>]| Inputs::fit(&wanted, graph).unwrap_err();
        let positions = ("position_ids", Some(Kind::Int64));
        assert!(error(wanted(), &[ids, positions]).contains("`position_ids`"));
        let named = Input {
            mask: Some("mask".into()),
            ..wanted()
        };
        assert!(error(named, &[ids]).contains("no input `mask`, only input_ids"));
        let floats = ("input_ids", Some(Kind::Float32));
        assert!(error(wanted(), &[floats]).contains("int64 or int32"));
    }
}
