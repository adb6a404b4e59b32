//! What driftlab tells people: tables, JSON, Markdown and HTML drawn from an experiment.
