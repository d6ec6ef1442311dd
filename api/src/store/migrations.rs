//! The schema, one file per step, built into the program. A step that was once released is never
//! changed: the database knows it by its checksum.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

/// Version, name and statements of each step.
pub(super) const STEPS: &[(i64, &str, &str)] = &[
    (1, "begin", include_str!("../../migrations/0001_begin.sql")),
    (2, "hours", include_str!("../../migrations/0002_hours.sql")),
    (3, "source quality", include_str!("../../migrations/0003_source_quality.sql")),
];

/// Steps, ready to run.
pub(super) fn migrator(steps: &[(i64, &str, &'static str)]) -> Migrator {
    let steps = steps.iter().map(|(version, name, sql)| {
        let sql = AssertSqlSafe(*sql).into_sql_str();
        Migration::new(*version, (*name).to_owned().into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(steps.collect())
}
