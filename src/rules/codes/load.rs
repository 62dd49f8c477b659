//! Reads code tables into a [`CodeBook`].
//!
//! Knows files by path and text; opens none itself.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::schema::{Code, Pair, PairsDocument, Space};
use crate::built_in;
use crate::model::Text;
use crate::rules::stored;

/// The file of pairs; every other file of the folder is a space.
const PAIRS: &str = "pairs";

/// All code tables, ready to be asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CodeBook {
    /// By rank, then id.
    spaces: Vec<Space>,
    /// By primary, then extended code.
    pairs: Vec<Pair>,
}

/// Why a code table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The file is no YAML of the right shape; the source says where.
    #[error("cannot load rule `{path}`")]
    Yaml {
        /// The file.
        path: String,
        /// Line, column and what was expected there.
        #[source]
        source: Box<serde_saphyr::Error>,
    },
    /// The file's name is not the id of its space.
    #[error("cannot load rule `{path}`: it holds the space `{space}` and must bear its name")]
    Name {
        /// The file.
        path: String,
        /// The space in it.
        space: Text,
    },
    /// A code or pair stands there twice.
    #[error("cannot load rule `{path}`: {code} stands there twice")]
    Twice {
        /// The file.
        path: String,
        /// The code or pair.
        code: String,
    },
    /// A space continues in one that does not exist.
    #[error("code table `{space}` continues in `{in_space}`, which does not exist")]
    NoSuchSpace {
        /// The space.
        space: Text,
        /// The missing one.
        in_space: Text,
    },
}

impl CodeBook {
    /// The code tables inside the binary.
    ///
    /// # Errors
    /// When an embedded file is damaged, which a test rules out.
    pub fn embedded() -> Result<Self, CodeError> {
        stored::read(built_in::CODES)
            .map_or_else(|| Self::load(built_in::TEXTS.iter().copied()), Ok)
    }

    /// Reads code tables from (path, text). Paths are relative to a rules folder, with forward
    /// slashes; files outside `codes/` are passed over. A later space replaces an earlier one
    /// of the same id, a later pair the same earlier pair.
    ///
    /// # Errors
    /// When a file has the wrong shape or name, holds a code twice, or continues in a space
    /// that does not exist.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CodeError> {
        let mut spaces = BTreeMap::new();
        let mut pairs = BTreeMap::new();
        for table in files.into_iter().filter_map(|(path, text)| read_table(path, text)) {
            match table? {
                Table::Space(space) => drop(spaces.insert(space.id.clone(), space)),
                Table::Pairs(mut more) => pairs.append(&mut more),
            }
        }
        for space in spaces.values() {
            if let Some(next) = &space.continues_in
                && !spaces.contains_key(next)
            {
                return Err(CodeError::NoSuchSpace {
                    space: space.id.clone(),
                    in_space: next.clone(),
                });
            }
        }
        let mut spaces: Vec<_> = spaces.into_values().collect();
        // Stable: spaces of one rank stay in the order of their ids.
        spaces.sort_by_key(|space| space.rank);
        Ok(Self { spaces, pairs: pairs.into_values().collect() })
    }

    /// All spaces, the closest to Remote Desktop first.
    pub fn spaces(&self) -> &[Space] {
        &self.spaces
    }

    /// The space of that id.
    pub fn space(&self, id: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.id == id)
    }

    /// All pairs, by primary and extended code.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// What a disconnect reason and an extended reason say together.
    pub fn pair(&self, primary: u32, extended: u32) -> Option<&Pair> {
        self.pairs.iter().find(|pair| (pair.primary, pair.extended) == (primary, extended))
    }
}

/// What one file holds.
enum Table {
    Space(Space),
    Pairs(Pairs),
}

/// Pairs by primary and extended code.
type Pairs = BTreeMap<(u32, u32), Pair>;

/// Reads a file of `codes/`; `None` for every other file.
fn read_table(path: &str, text: &str) -> Option<Result<Table, CodeError>> {
    let stem = path.strip_prefix("codes/")?.strip_suffix(".yml")?;
    match stem {
        PAIRS => Some(read_pairs(path, text).map(Table::Pairs)),
        _ if stem.contains('/') => None,
        _ => Some(read_space(path, text, stem).map(Table::Space)),
    }
}

/// Reads a space and sorts its codes.
fn read_space(path: &str, text: &str, stem: &str) -> Result<Space, CodeError> {
    let mut space: Space = parse(path, text)?;
    if space.id != stem {
        return Err(CodeError::Name { path: path.to_owned(), space: space.id });
    }
    space.codes.sort_by_key(|code| code.value);
    if let Some(code) = first_twice(&space.codes) {
        let code = space.write(code);
        return Err(CodeError::Twice { path: path.to_owned(), code });
    }
    Ok(space)
}

/// The first value that two neighbors share.
fn first_twice(codes: &[Code]) -> Option<u32> {
    codes.windows(2).find_map(|two| match two {
        [first, second] if first.value == second.value => Some(first.value),
        _ => None,
    })
}

/// Reads the pairs of a file.
fn read_pairs(path: &str, text: &str) -> Result<Pairs, CodeError> {
    let document: PairsDocument = parse(path, text)?;
    let mut pairs = BTreeMap::new();
    for pair in document.pairs {
        let (primary, extended) = (pair.primary, pair.extended);
        if pairs.insert((primary, extended), pair).is_some() {
            let code = format!("0x{primary:X}/0x{extended:X}");
            return Err(CodeError::Twice { path: path.to_owned(), code });
        }
    }
    Ok(pairs)
}

/// Reads one document.
fn parse<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, CodeError> {
    serde_saphyr::from_str(text)
        .map_err(|error| CodeError::Yaml { path: path.to_owned(), source: Box::new(error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: &str = "space: a\ntitle: A\nrank: 1\nnotation: hex\n";

    /// Loads one file and gives the error as text, with its source.
    fn refused(path: &str, text: &str) -> String {
        let error = CodeBook::load([(path, text)]).unwrap_err();
        let source = std::error::Error::source(&error).map_or_else(String::new, |e| e.to_string());
        format!("{error}: {source}")
    }

    #[test]
    fn every_embedded_table_loads() {
        let texts = built_in::TEXTS.iter();
        let files = texts.filter(|(path, _)| path.starts_with("codes/")).count();
        let book = CodeBook::embedded().unwrap();
        assert_eq!(book.spaces().len(), files - 1, "every file but the pairs is a space");
        assert!(book.pairs().len() >= 12);
        assert!(book.spaces().iter().map(|space| space.codes.len()).sum::<usize>() >= 800);
    }

    #[test]
    fn faulty_tables_are_refused_with_the_reason() {
        for (path, text, reason) in [
            ("codes/a.yml", format!("{SPACE}codes: []\nextra: 1"), "extra"),
            ("codes/a.yml", format!("{SPACE}codes: [{{ code: 1, meening: x }}]"), "meening"),
            ("codes/b.yml", format!("{SPACE}codes: []"), "must bear its name"),
            (
                "codes/a.yml",
                format!("{SPACE}codes: [{{ code: 31, meaning: x }}, {{ code: 0x1F, meaning: y }}]"),
                "0x1F stands there twice",
            ),
            ("codes/a.yml", format!("{SPACE}codes: [{{ code: 0x100000000, meaning: x }}]"), "32"),
            (
                "codes/a.yml",
                format!("{SPACE}codes: [{{ code: 1, meaning: x, stage: tcp }}]"),
                "`tcp` is no stage",
            ),
            ("codes/a.yml", format!("{SPACE}continues-in: z\ncodes: []"), "does not exist"),
            (
                "codes/pairs.yml",
                "pairs: [{ primary: 1, extended: 2, meaning: x, causes: [] }, \
                 { primary: 1, extended: 2, meaning: y, causes: [] }]"
                    .to_owned(),
                "0x1/0x2 stands there twice",
            ),
        ] {
            let message = refused(path, &text);
            assert!(message.contains(reason), "{reason}: {message}");
        }
    }

    #[test]
    fn a_later_file_replaces_an_earlier_one_and_others_are_passed_over() {
        let first = format!("{SPACE}codes: [{{ code: 1, meaning: old }}]");
        let second = format!("{SPACE}codes: [{{ code: -1, meaning: new }}]");
        let book = CodeBook::load([
            ("codes/a.yml", first.as_str()),
            ("signals/a.yml", "not: a code table"),
            ("codes/deeper/a.yml", "neither"),
            ("codes/a.yml", second.as_str()),
        ])
        .unwrap();
        let [space] = book.spaces() else { panic!("one space") };
        let codes: Vec<_> = space.codes.iter().map(|code| (code.value, &*code.meaning)).collect();
        assert_eq!(codes, [(u32::MAX, "new")]);
    }
}
