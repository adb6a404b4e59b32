//! The registry of exporters: adding one is one file and one line here.

use crate::exporter::Exporter;
use crate::html::{Html, Picture};
use crate::json::Json;
use crate::junit::Junit;
use crate::markdown::Markdown;
use crate::parquet::{Runs, Series};

/// All exporters, in the order in which their files are written.
pub const EXPORTERS: &[&dyn Exporter] = &[&Json, &Markdown, &Html, &Picture, &Junit, &Runs, &Series];
