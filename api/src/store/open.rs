//! Opening the database. A damaged file is set aside, never deleted, and a new one begun.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::Store;
use super::migrations::{STEPS, migrator};
use crate::clock;

/// The database's file in its folder.
const FILE: &str = "configstream.db";
const READERS: u32 = 4;

/// A database that is open.
#[derive(Debug)]
pub struct Opened {
    /// The database.
    pub store: Store,
    /// Where the damaged file went that was found instead, if one was.
    pub set_aside: Option<PathBuf>,
}

/// Why there is no database. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("cannot make the folder {path}: {error}; choose another with --data")]
    Folder {
        /// The folder.
        path: String,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The file cannot be opened or written.
    #[error("cannot open the database {path}: {error}; choose another folder with --data")]
    Database {
        /// The file.
        path: String,
        /// What `SQLite` said.
        error: String,
    },
    /// The file was written by a later program.
    #[error(
        "the database {path} is of a newer version of configstream; update, or choose another folder with --data"
    )]
    Newer {
        /// The file.
        path: String,
    },
    /// The file cannot be read.
    #[error(
        "cannot read the database {path}: {error}; see that this user may read it, or, where `serve` was \
         killed, start `configstream serve --data {folder}` once"
    )]
    Unreadable {
        /// The file.
        path: String,
        /// Its folder.
        folder: String,
        /// What `SQLite` said.
        error: String,
    },
    /// There is no file to read.
    #[error("there is no database {path}; give the folder of `configstream serve --data`")]
    Missing {
        /// The file.
        path: String,
    },
    /// The file to read was written by an earlier program.
    #[error(
        "the database {path} is of an older version of configstream; \
         start `configstream serve --data {folder}` once to bring it up to date"
    )]
    Older {
        /// The file.
        path: String,
        /// Its folder.
        folder: String,
    },
    /// The file to read is damaged.
    #[error(
        "the database {path} is damaged; \
         start `configstream serve --data {folder}` once to set it aside and begin a new one"
    )]
    Damaged {
        /// The file.
        path: String,
        /// Its folder.
        folder: String,
    },
}

#[derive(Debug)]
enum Trouble {
    Damaged,
    Older,
    Newer,
    Other(String),
}

/// Opens the database in a folder, making both where they are missing.
pub async fn open(folder: &Path) -> Result<Opened, OpenError> {
    make_folder(folder).map_err(|error| OpenError::Folder { path: folder.display().to_string(), error })?;
    let file = folder.join(FILE);
    let path = file.display().to_string();
    let other = |error| OpenError::Database { path: path.clone(), error };
    match connect(&file).await {
        Ok(store) => Ok(Opened { store, set_aside: None }),
        Err(Trouble::Damaged) => {
            let aside = set_aside(&file).map_err(|error| other(error.to_string()))?;
            let store = connect(&file).await.map_err(|_| other("it is damaged".to_owned()))?;
            // Clients know revisions of the lost file: start above any that it can have had.
            let seconds = i64::try_from(clock::now().millis() / 1000).unwrap_or_default();
            let floor = sqlx::query("UPDATE publication SET revision = ?").bind(seconds);
            floor.execute(&store.write).await.map_err(|error| other(error.to_string()))?;
            Ok(Opened { store, set_aside: Some(aside) })
        }
        Err(trouble) => Err(trouble.at(folder)),
    }
}

impl Trouble {
    fn at(self, folder: &Path) -> OpenError {
        let path = folder.join(FILE).display().to_string();
        let folder = folder.display().to_string();
        match self {
            Self::Damaged => OpenError::Damaged { path, folder },
            Self::Older => OpenError::Older { path, folder },
            Self::Newer => OpenError::Newer { path },
            Self::Other(error) => OpenError::Database { path, error },
        }
    }
}

/// Asks the database in a folder that there is, for a command that ends with the answer, and changes nothing
/// there. The message of an error says what to do.
pub fn ask<T>(folder: &Path, question: impl AsyncFn(&Store) -> super::Result<T>) -> Result<T, String> {
    if !folder.is_dir() {
        return Err(format!("there is no folder {}; give that of `serve --data`", folder.display()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(read(folder, question)).map_err(|error| error.to_string())
}

/// While a program writes there is a log beside the file. Where there is none, `SQLite` would make one even to
/// read, unless told that nobody writes; that is asked again if somebody began to meanwhile.
async fn read<T>(folder: &Path, question: impl AsyncFn(&Store) -> super::Result<T>) -> Result<T, OpenError> {
    let file = folder.join(FILE);
    if !file.is_file() {
        return Err(OpenError::Missing { path: file.display().to_string() });
    }
    let log = companion(&file, "-wal");
    let quiet = !log.exists();
    let mut answer = answer(&file, quiet, &question).await;
    if quiet && log.exists() {
        answer = self::answer(&file, false, &question).await;
    }
    answer.map_err(|trouble| match trouble.at(folder) {
        OpenError::Database { path, error } => {
            OpenError::Unreadable { path, error, folder: folder.display().to_string() }
        }
        told => told,
    })
}

async fn answer<T>(
    file: &Path,
    quiet: bool,
    question: &impl AsyncFn(&Store) -> super::Result<T>,
) -> Result<T, Trouble> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(quiet);
    let pool = SqlitePoolOptions::new().max_connections(READERS).connect_with(options).await;
    let pool = pool.map_err(|error| trouble(&error))?;
    let store = Store { write: pool.clone(), read: pool };
    let answer = match current(&store.read).await {
        Ok(()) => question(&store).await.map_err(|error| trouble(&error)),
        Err(trouble) => Err(trouble),
    };
    store.close().await;
    answer
}

/// Whether a database is sound and has just the steps of this program.
async fn current(pool: &SqlitePool) -> Result<(), Trouble> {
    check(pool).await?;
    let known = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    let known: i64 = sqlx::query_scalar(known).fetch_one(pool).await.map_err(|error| trouble(&error))?;
    if known == 0 {
        return Err(Trouble::Older);
    }
    let steps = "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";
    let found: Vec<(i64, Vec<u8>)> =
        sqlx::query_as(steps).fetch_all(pool).await.map_err(|error| trouble(&error))?;
    let migrator = migrator(STEPS);
    let same = |((version, checksum), step): (&(i64, Vec<u8>), &Migration)| {
        *version == step.version && **checksum == *step.checksum
    };
    if found.len() > STEPS.len() || !found.iter().zip(migrator.iter()).all(same) {
        return Err(Trouble::Newer);
    }
    if found.len() == STEPS.len() { Ok(()) } else { Err(Trouble::Older) }
}

/// The folder holds passwords of proxies, so it is for its owner only.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

async fn connect(file: &Path) -> Result<Store, Trouble> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(10));
    let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await;
    let write = write.map_err(|error| trouble(&error))?;
    check(&write).await?;
    migrator(STEPS).run(&write).await.map_err(|error| migration_trouble(&error))?;
    let read = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await;
    Ok(Store { write, read: read.map_err(|error| trouble(&error))? })
}

async fn check(pool: &SqlitePool) -> Result<(), Trouble> {
    let verdict: String =
        sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(pool).await.map_err(|error| trouble(&error))?;
    if verdict == "ok" { Ok(()) } else { Err(Trouble::Damaged) }
}

/// `SQLite`'s result codes 11 (CORRUPT) and 26 (NOTADB), also in their extended forms.
fn trouble(error: &sqlx::Error) -> Trouble {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    match code.map(|code| code & 0xff) {
        Some(11 | 26) => Trouble::Damaged,
        _ => Trouble::Other(error.to_string()),
    }
}

fn migration_trouble(error: &MigrateError) -> Trouble {
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => Trouble::Newer,
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => trouble(error),
        other => Trouble::Other(other.to_string()),
    }
}

fn set_aside(file: &Path) -> std::io::Result<PathBuf> {
    let seconds = clock::now().millis() / 1000;
    let aside = PathBuf::from(format!("{}.corrupt-{seconds}", file.display()));
    std::fs::rename(file, &aside)?;
    for suffix in ["-wal", "-shm"] {
        let companion = companion(file, suffix);
        if companion.exists() {
            std::fs::rename(companion, self::companion(&aside, suffix))?;
        }
    }
    Ok(aside)
}

/// A file that `SQLite` keeps beside a database.
fn companion(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use configstream_core::Timestamp;

    const ID: &str = "0123456789abcdef";

    #[tokio::test]
    async fn a_file_of_the_first_version_is_brought_up_to_date_with_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let old = first_version(folder.path()).await;
        for sql in [
            "INSERT INTO sources (name, position, address) VALUES ('a', 0, 'a'), ('b', 1, 'b')",
            "INSERT INTO proxies (id, config, first_seen)
             VALUES ('0123456789abcdef', 'http://192.0.2.1:80', 5)",
            "INSERT INTO proxies (id, config, first_seen)
             VALUES ('0123456789abcde0', 'http://192.0.2.2:80', 5)",
            "INSERT INTO proxy_sources VALUES ('a', 0, '0123456789abcdef'), ('b', 0, '0123456789abcdef')",
            "INSERT INTO proxy_sources VALUES ('a', 1, '0123456789abcde0')",
            "INSERT INTO probes (proxy, at, working)
             VALUES ('0123456789abcdef', 7, 1), ('0123456789abcdef', 8, 0)",
            "INSERT INTO probes (proxy, at, working) VALUES ('0123456789abcde0', 7, 0)",
        ] {
            sqlx::query(sql).execute(&old).await.unwrap();
        }
        old.close().await;
        let store = open(folder.path()).await.unwrap().store;
        assert_eq!(store.proxies().await.unwrap().len(), 2);
        assert_eq!(store.history(ID.parse().unwrap()).await.unwrap().len(), 2);
        let answered = store.answered().await.unwrap();
        let shown: Vec<_> = answered.iter().map(|one| (one.source.as_str(), one.since)).collect();
        assert_eq!(shown, [("a", Timestamp::default()), ("b", Timestamp::default())]);
        assert!(answered.iter().all(|one| one.id.to_string() == ID));
    }

    /// A database of the first version.
    async fn first_version(folder: &Path) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(folder.join(FILE)).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.unwrap();
        migrator(&STEPS[..1]).run(&old).await.unwrap();
        old
    }

    fn files(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let mut files: Vec<_> =
            entries.map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap())).collect();
        files.sort();
        files
    }

    /// What reading says, when it leaves the folder as it was.
    async fn said(folder: &Path) -> Result<usize, String> {
        let before = files(folder);
        let answer = read(folder, async |store| Ok(store.sources().await?.len())).await;
        assert_eq!(files(folder), before);
        answer.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn reading_makes_no_database_and_mends_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert!(said(path).await.unwrap_err().contains("there is no database"));
        std::fs::write(
            path.join(FILE),
            "no database at all, and longer than a header of one has to be; ".repeat(9),
        )
        .unwrap();
        let damaged = said(path).await.unwrap_err();
        assert!(damaged.contains("is damaged; start `configstream serve --data "), "{damaged}");
    }

    #[tokio::test]
    async fn reading_refuses_another_version_and_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        first_version(folder.path()).await.close().await;
        let older = said(folder.path()).await.unwrap_err();
        assert!(older.contains("older version") && older.contains("once to bring it up to date"), "{older}");
        let store = open(folder.path()).await.unwrap().store;
        let next = "INSERT INTO _sqlx_migrations SELECT 99, description, installed_on, success, checksum,
                    execution_time FROM _sqlx_migrations WHERE version = 1";
        sqlx::query(next).execute(&store.write).await.unwrap();
        store.close().await;
        assert!(said(folder.path()).await.unwrap_err().contains("newer version of configstream; update"));
        std::fs::write(folder.path().join(FILE), "").unwrap();
        assert!(said(folder.path()).await.unwrap_err().contains("older version"));
    }

    #[tokio::test]
    async fn a_database_is_read_while_it_is_written_and_after() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await.unwrap().store;
        let source = "INSERT INTO sources (name, position, address) VALUES (?, 0, 'a')";
        sqlx::query(source).bind("a").execute(&store.write).await.unwrap();
        let asked =
            async || read(folder.path(), async |store| Ok(store.sources().await?.len())).await.unwrap();
        assert_eq!(asked().await, 1, "what is in the log alone");
        sqlx::query(source).bind("b").execute(&store.write).await.unwrap();
        assert_eq!(asked().await, 2);
        store.close().await;
        assert_eq!(files(folder.path()).len(), 1, "reading left no log behind");
        assert_eq!(said(folder.path()).await, Ok(2));
    }

    #[tokio::test]
    async fn reading_cannot_write_and_asks_again_when_a_writer_came() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).await.unwrap().store.close().await;
        let tried = read(folder.path(), async |store| store.next_revision().await).await;
        let told = tried.unwrap_err().to_string();
        assert!(
            told.contains("cannot read") && told.contains("readonly") && !told.contains("another folder")
        );
        let (asked, writer) = (std::cell::Cell::new(0), tokio::sync::OnceCell::new());
        let question = async |_: &Store| {
            asked.set(asked.get() + 1);
            writer.get_or_init(async || open(folder.path()).await.unwrap().store).await;
            Ok(())
        };
        read(folder.path(), question).await.unwrap();
        assert_eq!(asked.get(), 2);
    }
}
