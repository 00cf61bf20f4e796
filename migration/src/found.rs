//! A table as it stands in the database, read from the catalogue of either store.

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::{self, ConnectionTrait, DbBackend, FromQueryResult, QueryResult};

use crate::{schema::ask, token};

#[derive(Debug)]
pub(crate) struct Found {
    pub columns: Vec<Column>,
    pub primary_key: Vec<String>,
    /// On SQLite: made WITHOUT ROWID, so that its rows have no numbers to read them by.
    pub without_numbers: bool,
    pub foreign_keys: Vec<ForeignKey>,
    pub checks: Vec<String>,
    pub indexes: Vec<Index>,
}

#[derive(Debug, FromQueryResult)]
pub(crate) struct Column {
    pub name: String,
    /// As the database prints it; a type that lists its values starts with `enum`.
    pub kind: String,
    pub nullable: bool,
    pub default: Option<String>,
    /// Whether the database gives it a value by itself.
    pub given: bool,
}

#[derive(Debug, FromQueryResult)]
pub(crate) struct ForeignKey {
    /// More than one are joined by commas.
    pub columns: String,
    pub table: String,
    pub targets: String,
    pub on_delete: String,
    pub on_update: String,
}

#[derive(Debug, FromQueryResult)]
pub(crate) struct Index {
    pub name: String,
    /// All but the condition, such as `UNIQUE (goal_id, entry_date DESC)`.
    pub keys: String,
    pub predicate: Option<String>,
}

impl Found {
    /// Reads the table of this name in the current schema.
    pub async fn read(connection: &impl ConnectionTrait, table: &str) -> Result<Self, DbErr> {
        Ok(Self {
            columns: rows(&about(connection, table, COLUMNS).await?)?,
            primary_key: words(&about(connection, table, PRIMARY_KEY).await?)?,
            without_numbers: !about(connection, table, WITHOUT_NUMBERS).await?.is_empty(),
            foreign_keys: rows(&about(connection, table, FOREIGN_KEYS).await?)?,
            checks: checks(connection, table).await?,
            indexes: rows(&about(connection, table, INDEXES).await?)?,
        })
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Index {
    /// The definition as one text, to compare and to show.
    pub fn definition(&self) -> String {
        match &self.predicate {
            None => self.keys.clone(),
            Some(predicate) => format!("{} WHERE {}", self.keys, bare(predicate)),
        }
    }
}

/// Without the brackets around the whole.
fn bare(predicate: &str) -> &str {
    let inner = predicate.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).unwrap_or(predicate)
}

async fn checks(connection: &impl ConnectionTrait, table: &str) -> Result<Vec<String>, DbErr> {
    let texts = words(&about(connection, table, CHECKS).await?)?;
    Ok(match connection.get_database_backend() {
        DbBackend::Sqlite => texts.iter().flat_map(|create_table| token::checks(create_table)).collect(),
        _ => texts,
    })
}

/// The same question in the words of both stores, `$table` standing for the name of the table.
struct Question {
    postgres: &'static str,
    sqlite: &'static str,
}

async fn about(
    connection: &impl ConnectionTrait,
    table: &str,
    question: Question,
) -> Result<Vec<QueryResult>, DbErr> {
    let oid = format!(
        "(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = current_schema() AND c.relname = '{table}')"
    );
    let postgres = question.postgres.replace("$table", &oid);
    let sqlite = question.sqlite.replace("$table", &format!("'{table}'"));
    ask(connection, &postgres, &sqlite).await
}

fn rows<R: FromQueryResult>(rows: &[QueryResult]) -> Result<Vec<R>, DbErr> {
    rows.iter().map(|row| R::from_query_result(row, "")).collect()
}

fn words(rows: &[QueryResult]) -> Result<Vec<String>, DbErr> {
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

const COLUMNS: Question = Question {
    postgres: r#"
SELECT a.attname::text AS name,
       CASE t.typtype WHEN 'e' THEN 'enum ' ELSE '' END || format_type(a.atttypid, a.atttypmod) AS kind,
       NOT a.attnotnull AS nullable,
       pg_get_expr(d.adbin, d.adrelid) AS "default",
       d.adbin IS NOT NULL OR a.attidentity <> '' AS given
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $table AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"#,
    sqlite: r#"
SELECT name, type AS kind, NOT "notnull" AS nullable, dflt_value AS "default",
       dflt_value IS NOT NULL OR hidden > 0 AS given
FROM pragma_table_xinfo($table) ORDER BY cid"#,
};

const PRIMARY_KEY: Question = Question {
    postgres: r"
SELECT a.attname::text
FROM pg_index i
CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS key (number, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number
WHERE i.indrelid = $table AND i.indisprimary
ORDER BY key.place",
    sqlite: "SELECT name FROM pragma_table_xinfo($table) WHERE pk > 0 ORDER BY pk",
};

const WITHOUT_NUMBERS: Question = Question {
    postgres: "SELECT 1 WHERE FALSE",
    sqlite: "SELECT name FROM pragma_table_list($table) WHERE wr",
};

const FOREIGN_KEYS: Question = Question {
    postgres: r#"
SELECT (SELECT string_agg(a.attname, ', ' ORDER BY key.place)
        FROM unnest(f.conkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = key.number) AS columns,
       CASE n.nspname WHEN current_schema() THEN '' ELSE n.nspname || '.' END || target.relname AS "table",
       (SELECT string_agg(a.attname, ', ' ORDER BY key.place)
        FROM unnest(f.confkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = key.number) AS targets,
       CASE f.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
                          WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS on_delete,
       CASE f.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
                          WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS on_update
FROM pg_constraint f
JOIN pg_class target ON target.oid = f.confrelid
JOIN pg_namespace n ON n.oid = target.relnamespace
WHERE f.conrelid = $table AND f.contype = 'f'
ORDER BY f.conname"#,
    sqlite: r#"
SELECT group_concat("from", ', ') AS columns, "table", group_concat(coalesce("to", 'id'), ', ') AS targets,
       on_delete, on_update
FROM pragma_foreign_key_list($table) GROUP BY id ORDER BY id"#,
};

const CHECKS: Question = Question {
    postgres: r"
SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint
WHERE conrelid = $table AND contype = 'c' ORDER BY conname",
    sqlite: "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $table",
};

const INDEXES: Question = Question {
    postgres: r"
SELECT c.relname::text AS name,
       CASE WHEN i.indisvalid THEN '' ELSE 'INVALID ' END || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END
       || CASE method.amname WHEN 'btree' THEN '' ELSE method.amname || ' ' END
       || '(' || string_agg(pg_get_indexdef(i.indexrelid, place, false)
              || CASE i.indoption[place - 1] WHEN 0 THEN '' WHEN 1 THEN ' DESC NULLS LAST'
                                             WHEN 2 THEN ' NULLS FIRST' ELSE ' DESC' END, ', ' ORDER BY place)
       || ')' || CASE WHEN i.indnatts > i.indnkeyatts THEN ' INCLUDE ...' ELSE '' END AS keys,
       pg_get_expr(i.indpred, i.indrelid) AS predicate
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am method ON method.oid = c.relam
CROSS JOIN generate_series(1, i.indnkeyatts::integer) AS place
WHERE i.indrelid = $table AND NOT i.indisprimary
GROUP BY c.relname, method.amname, i.indexrelid
ORDER BY c.relname",
    sqlite: r#"
SELECT i.name,
       CASE i."unique" WHEN 1 THEN 'UNIQUE ' ELSE '' END || '(' || (
           SELECT group_concat(part, ', ')
           FROM (SELECT coalesce(name, 'expression') || CASE "desc" WHEN 1 THEN ' DESC' ELSE '' END AS part
                 FROM pragma_index_xinfo(i.name) WHERE key = 1 ORDER BY seqno)) || ')' AS keys,
       CASE i.partial WHEN 1 THEN substr(s.sql, instr(upper(s.sql), ' WHERE ') + 7) END AS predicate
FROM pragma_index_list($table) i
LEFT JOIN sqlite_schema s ON s.name = i.name
WHERE i.origin <> 'pk' ORDER BY i.name"#,
};
