//! Opening the database. A damaged file is set aside, never deleted, and a new one begun.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::MigrateError;
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
}

enum Trouble {
    Damaged,
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
        Err(Trouble::Newer) => Err(OpenError::Newer { path }),
        Err(Trouble::Other(error)) => Err(other(error)),
        Err(Trouble::Damaged) => {
            let aside = set_aside(&file).map_err(|error| other(error.to_string()))?;
            let store = connect(&file).await.map_err(|_| other("it is damaged".to_owned()))?;
            // Clients know revisions of the lost file: start above any that it can have had.
            let seconds = i64::try_from(clock::now().millis() / 1000).unwrap_or_default();
            let floor = sqlx::query("UPDATE publication SET revision = ?").bind(seconds);
            floor.execute(&store.write).await.map_err(|error| other(error.to_string()))?;
            Ok(Opened { store, set_aside: Some(aside) })
        }
    }
}

/// Asks the database in a folder that there is, for a command that ends with the answer. The message of an
/// error says what to do.
pub fn ask<T>(folder: &Path, question: impl AsyncFnOnce(&Store) -> super::Result<T>) -> Result<T, String> {
    if !folder.is_dir() {
        return Err(format!("there is no folder {}; give that of `serve --data`", folder.display()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let store = open(folder).await.map_err(|error| error.to_string())?.store;
        let answer = question(&store).await.map_err(|error| error.to_string());
        store.close().await;
        answer
    })
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
        let companion = format!("{}{suffix}", file.display());
        if Path::new(&companion).exists() {
            std::fs::rename(&companion, format!("{}{suffix}", aside.display()))?;
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use configstream_core::Timestamp;

    const ID: &str = "0123456789abcdef";

    #[tokio::test]
    async fn a_file_of_the_first_version_is_brought_up_to_date_with_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join(FILE)).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.unwrap();
        migrator(&STEPS[..1]).run(&old).await.unwrap();
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
}
