//! The schema, one file per step, built into the program. A step that was once released is never
//! changed: the database knows it by its checksum.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

/// Version, name and statements of each step.
const STEPS: &[(i64, &str, &str)] = &[(1, "begin", include_str!("../../migrations/0001_begin.sql"))];

/// Every step, ready to run.
pub(super) fn migrator() -> Migrator {
    let steps = STEPS.iter().map(|(version, name, sql)| {
        let sql = AssertSqlSafe(*sql).into_sql_str();
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(steps.collect())
}
