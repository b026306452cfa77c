//! The files of the folders, as they are now.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use ignore::{
    DirEntry, WalkBuilder,
    gitignore::{Gitignore, GitignoreBuilder},
};

/// Patterns as in a `.gitignore`.
#[derive(Debug, Clone)]
pub(crate) struct Globs(Gitignore);

impl Globs {
    /// Reads patterns.
    pub(crate) fn new(globs: &[String]) -> Result<Self, String> {
        let mut builder = GitignoreBuilder::new("");
        for glob in globs {
            builder
                .add_line(None, glob)
                .map_err(|error| format!("`{glob}`: {error}"))?;
        }
        builder.build().map(Self).map_err(|error| error.to_string())
    }

    /// Whether a path below a folder is meant.
    fn mean(&self, path: &Path, is_folder: bool) -> bool {
        self.0.matched(path, is_folder).is_ignore()
    }
}

/// A folder of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// What its documents are named by.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// Folders with their names, each of which there is once.
pub(crate) fn folders(paths: &[PathBuf]) -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    for path in paths {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let own = path
            .file_name()
            .or(real.file_name())
            .map_or("files".into(), OsStr::to_string_lossy);
        let own = plain(&own);
        let taken = |name: &str| folders.iter().any(|folder| folder.name == name);
        let name = (2..).map(|number| format!("{own}-{number}"));
        let name = std::iter::once(own.clone()).chain(name).find(|name| !taken(name));
        folders.push(Folder {
            name: name.unwrap_or(own),
            path: path.clone(),
        });
    }
    folders
}

/// A name without characters that could pretend to be something else in a prompt.
fn plain(name: &str) -> String {
    name.replace(char::is_control, "?")
}

/// What files are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) include: Option<Globs>,
    pub(crate) exclude: Globs,
    pub(crate) max_file: u64,
    pub(crate) max_files: usize,
}

/// Tells a file from what it was: its size, its times and its number.
pub(crate) type Stamp = (u64, Option<SystemTime>, (u64, i64, i64));

/// A file that is there: its name tells it from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where to read it; no link.
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
}

/// Files by their sources.
pub(crate) type Files = BTreeMap<String, Found>;

/// Looks for files; beyond `max_files` there are none, which the second value tells.
///
/// # Errors
/// A folder that cannot be read.
pub(crate) fn look(folders: &[Folder], wanted: &Wanted) -> Result<(Files, bool), io::Error> {
    let mut files = Files::new();
    for folder in folders {
        let root = folder.path.canonicalize()?;
        fs::read_dir(&root)?;
        for entry in walk(&root, wanted) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    tracing::debug!(%error, "a file is left out");
                    continue;
                }
            };
            let Some((below, found)) = file(&root, &entry, wanted) else {
                continue;
            };
            if files.len() == wanted.max_files {
                return Ok((files, true));
            }
            files.insert(format!("{}/{}", folder.name, plain(&below.to_string_lossy())), found);
        }
    }
    Ok((files, false))
}

fn walk(root: &Path, wanted: &Wanted) -> ignore::Walk {
    let exclude = wanted.exclude.clone();
    let below = root.to_owned();
    WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(true)
        .ignore(true)
        // What is mounted is often no whole checkout.
        .require_git(false)
        .sort_by_file_name(OsStr::cmp)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let path = entry.path().strip_prefix(&below).unwrap_or(entry.path());
            path == Path::new("") || !exclude.mean(path, is_folder)
        })
        .build()
}

/// A file that is wanted; a link is only where it leads to a file of the same folder.
fn file<'a>(root: &Path, entry: &'a DirEntry, wanted: &Wanted) -> Option<(&'a Path, Found)> {
    let below = entry.path().strip_prefix(root).ok()?;
    if let Some(include) = &wanted.include
        && !include.mean(below, false)
    {
        return None;
    }
    let mut path = entry.path().to_owned();
    if entry.path_is_symlink() {
        path = path.canonicalize().ok().filter(|real| real.starts_with(root))?;
    }
    let about = fs::symlink_metadata(&path).ok()?;
    if !about.is_file() || about.len() > wanted.max_file {
        return None;
    }
    let stamp = (about.len(), about.modified().ok(), number(&about));
    Some((below, Found { path, stamp }))
}

#[cfg(unix)]
fn number(about: &fs::Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (about.ino(), about.ctime(), about.ctime_nsec())
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LibraryConfig;

    fn wanted(config: &LibraryConfig) -> Wanted {
        Wanted {
            include: Some(Globs::new(&config.include).unwrap()),
            exclude: Globs::new(&config.exclude).unwrap(),
            max_file: config.max_file.as_u64(),
            max_files: config.max_files,
        }
    }

    fn write(root: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn names(path: &Path, wanted: &Wanted) -> Vec<String> {
        let (files, _) = look(&folders(&[path.to_owned()]), wanted).unwrap();
        files.into_keys().collect()
    }

    #[test]
    fn what_programs_make_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("app");
        write(
            &root,
            &[
                ("src/lib.rs", ""),
                ("README", ""),
                ("target/debug/x.rs", ""),
                ("web/node_modules/m/i.js", ""),
                (".git/config.toml", ""),
                (".hidden.md", ""),
                ("secret/own.md", ""),
                (".gitignore", "secret/\n"),
                ("picture.png", ""),
                ("large.md", &"x".repeat(2 << 20)),
            ],
        );
        let config = LibraryConfig::default();
        assert_eq!(names(&root, &wanted(&config)), ["app/README", "app/src/lib.rs"]);

        let config = LibraryConfig {
            include: vec!["/src/**".to_owned(), "*.png".to_owned()],
            exclude: vec!["lib.*".to_owned()],
            ..config
        };
        assert_eq!(names(&root, &wanted(&config)), ["app/picture.png"]);
    }

    #[test]
    fn there_are_at_most_so_many_files() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a.md", ""), ("b.md", ""), ("c.md", "")]);
        let mut wanted = wanted(&LibraryConfig::default());
        wanted.max_files = 2;
        let (files, more) = look(&folders(&[folder.path().to_owned()]), &wanted).unwrap();
        assert_eq!((files.len(), more), (2, true));
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() {
        let folder = tempfile::tempdir().unwrap();
        write(
            folder.path(),
            &[("in/a.md", "x"), ("out/secret.md", "x"), ("in/..data/b.md", "x")],
        );
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join("in").join(name)).unwrap();
        link("../out/secret.md", "file.md");
        link("../out", "folder");
        link("..data/b.md", "b.md");
        link(".", "loop");
        link("nowhere.md", "dangling.md");
        let wanted = wanted(&LibraryConfig::default());
        assert_eq!(names(&folder.path().join("in"), &wanted), ["in/a.md", "in/b.md"]);
    }

    #[test]
    fn names_are_plain_and_different() {
        let names = folders(&["/x/docs".into(), "/y/docs".into(), "/z/a\nb".into()]);
        let names: Vec<&str> = names.iter().map(|folder| folder.name.as_str()).collect();
        assert_eq!(names, ["docs", "docs-2", "a?b"]);
    }
}
