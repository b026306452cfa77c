//! Parts of a mesh that this process plays itself, well or badly.

mod specialist;

pub use specialist::{Manner, Served, StubSpecialist};
