//! Code tables: what a number or symbol in a log or error dialog means, by number space.
//!
//! The same number means different things in different spaces; nothing here mixes them.

mod load;
mod lookup;
mod query;
mod schema;
mod space;

pub use load::{CodeBook, CodeError};
pub use lookup::{Hit, Resemblance, code_of};
pub use query::{Asked, CodeQuery, CodeQueryError, parse_code};
pub use schema::{Clue, Code, Family, Notation, Pair, Place, Shape, Space, StageRange, Status};
pub use space::Read;
