//! Settings of how much one request may ask for.

use clap::Args;

use crate::graphql::Limits;

/// Each refuses what is beyond it, with a code of its own.
#[derive(Args, Clone, Debug)]
pub struct LimitSettings {
    /// The largest body of a request, in bytes.
    #[arg(long, env = "WAYMARK_MAX_BODY_BYTES", default_value_t = 1024 * 1024, global = true,
          value_parser = clap::value_parser!(u32).range(1024..=1_000_000_000))]
    pub max_body_bytes: u32,

    /// The longest document, in bytes.
    #[arg(long, env = "WAYMARK_MAX_DOCUMENT_BYTES", default_value_t = 50_000, global = true,
          value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub max_document_bytes: u32,

    /// The most fields of a document, once its fragments are spread.
    #[arg(long, env = "WAYMARK_MAX_FIELDS", default_value_t = 2_000, global = true,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_fields: u32,

    /// The most aliases of a document.
    #[arg(long, env = "WAYMARK_MAX_ALIASES", default_value_t = 200, global = true,
          value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub max_aliases: u32,

    /// The most directives of a document.
    #[arg(long, env = "WAYMARK_MAX_DIRECTIVES", default_value_t = 200, global = true,
          value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub max_directives: u32,

    /// The most fragments that a document defines.
    #[arg(long, env = "WAYMARK_MAX_FRAGMENTS", default_value_t = 100, global = true,
          value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub max_fragments: u32,

    /// The most fields at the root of an operation.
    #[arg(long, env = "WAYMARK_MAX_ROOT_FIELDS", default_value_t = 50, global = true,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_root_fields: u32,

    /// How many fields may stand in one another; introspection needs 17.
    #[arg(long, env = "WAYMARK_MAX_DEPTH", default_value_t = 20, global = true,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_depth: u32,

    /// How many lists of introspection may stand in one another; the usual query needs 1.
    #[arg(long, env = "WAYMARK_MAX_INTROSPECTION_DEPTH", default_value_t = 2, global = true,
          value_parser = clap::value_parser!(u32).range(0..=20))]
    pub max_introspection_depth: u32,

    /// The most items of a list that is sent; an import may have 1,000 rows.
    #[arg(long, env = "WAYMARK_MAX_LIST_ITEMS", default_value_t = 2_000, global = true,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_list_items: u32,

    /// The most errors in an answer.
    #[arg(long, env = "WAYMARK_MAX_ERRORS", default_value_t = 20, global = true,
          value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub max_errors: u32,

    /// The most that an operation may cost: a field 1, a row or a figure 10 more, times the sizes of pages.
    #[arg(long, env = "WAYMARK_MAX_COST", default_value_t = 60_000, global = true,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub max_cost: u32,

    /// The largest answer, in bytes.
    #[arg(long, env = "WAYMARK_MAX_ANSWER_BYTES", default_value_t = 5_000_000, global = true,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub max_answer_bytes: u32,

    /// How many queries and mutations one person may have under way.
    #[arg(long, env = "WAYMARK_OPERATIONS_PER_PERSON", default_value_t = 100, global = true,
          value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub operations_per_person: u32,
}

impl LimitSettings {
    pub fn documents(&self, introspection: bool) -> Limits {
        Limits {
            bytes: size(self.max_document_bytes),
            fields: self.max_fields.into(),
            aliases: self.max_aliases.into(),
            depth: self.max_depth.into(),
            introspection,
            introspection_depth: self.max_introspection_depth.into(),
            directives: self.max_directives.into(),
            fragments: size(self.max_fragments),
            list: size(self.max_list_items),
            roots: size(self.max_root_fields),
            errors: size(self.max_errors),
            cost: self.max_cost.into(),
            answer: size(self.max_answer_bytes),
        }
    }

    pub fn largest_body(&self) -> usize {
        size(self.max_body_bytes)
    }

    pub fn at_once(&self) -> usize {
        size(self.operations_per_person)
    }
}

fn size(setting: u32) -> usize {
    usize::try_from(setting).unwrap_or(usize::MAX)
}
