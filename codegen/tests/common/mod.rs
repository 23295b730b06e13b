//! What several test files share.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod imports;
pub(crate) mod page;
pub(crate) mod places;
pub(crate) mod run;
pub(crate) mod workshop;
