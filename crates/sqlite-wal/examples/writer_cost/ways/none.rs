use super::Way;

pub(crate) struct Nothing;

impl Way for Nothing {
    fn name(&self) -> &'static str {
        "none"
    }
}
