//! Form 1: seats are reserved, and prices are in whole euros.

use super::Form;

pub(super) const FORM: Form = Form { reserved: "reserved", cents: 100, upcaster: None };
