//! The registry of exporters: adding one is one file and one line here.

use crate::exporter::Exporter;
use crate::html::Html;
use crate::json::Json;
use crate::markdown::Markdown;

/// All exporters, in the order in which their files are written.
pub const EXPORTERS: &[&dyn Exporter] = &[&Json, &Markdown, &Html];
