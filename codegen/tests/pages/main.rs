//! The pages of the HTML reference, as a browser shows them.
//!
//! The browser is Chromium, driven by Playwright from scripts in `browser/`: the package that is best kept for it, beside axe-core and a
//! validator of HTML that are npm packages too. One that speaks to Chromium from Rust would be one more tool for the same work.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod addresses;
mod browser;
mod contracts;
#[path = "../../../tests/support/install.rs"]
#[allow(dead_code, unreachable_pub, reason = "only packages of Node.js are needed")]
mod install;

use contracts::Pages;

#[test]
fn no_link_is_dead() {
    for pages in [
        Pages::of_every_contract(),
        vec![Pages::of_shapes(), Pages::hostile(), Pages::many(300)],
    ]
    .concat()
    {
        addresses::hold(&pages);
    }
}

#[test]
fn somebody_searches() {
    browser::check("search", &Pages::of("mister-smith"));
}

#[test]
fn places_in_pages_can_be_linked_to() {
    browser::check("links", &Pages::of("mister-smith"));
}

#[test]
fn the_tree_follows_the_keyboard() {
    browser::check("tree", &Pages::of("mister-smith"));
}

#[test]
fn examples_are_copied() {
    browser::check("copying", &Pages::of("mister-smith"));
}

#[test]
fn a_language_is_chosen_once() {
    browser::check("tabs", &Pages::of("mister-smith"));
}

#[test]
fn themes_follow_the_system_and_the_reader() {
    browser::check("themes", &Pages::of("mister-smith"));
}

#[test]
fn a_phone_shows_everything() {
    browser::check("phone", &Pages::of("mister-smith"));
}

#[test]
fn pages_are_read_without_a_script() {
    browser::check("scriptless", &Pages::of("mister-smith"));
}

#[test]
fn pages_are_printed() {
    browser::check("print", &Pages::of("mister-smith"));
}

#[test]
fn the_drawing_leads_everywhere() {
    browser::check("topology", &Pages::of("mister-smith"));
}

#[test]
fn five_thousand_subjects_are_searched_in_a_second() {
    browser::check("many", &Pages::many(5_000));
}

#[test]
fn no_page_complains_or_asks_for_anything() {
    for pages in Pages::of_every_contract() {
        browser::check("quiet", &pages);
    }
}

#[test]
fn no_page_shuts_anybody_out() {
    for contract in ["mister-smith", "agent-framework", "agent-platform"] {
        browser::check("accessible", &Pages::of(contract));
    }
}

#[test]
fn every_page_is_valid() {
    for pages in Pages::of_every_contract() {
        browser::check("valid", &pages);
    }
    browser::check("valid", &Pages::hostile());
    browser::check("valid", &Pages::of_shapes());
}

#[test]
fn descriptions_do_no_harm() {
    browser::check("hostile", &Pages::hostile());
}

#[test]
fn graphs_are_read_by_those_who_draw_them() {
    browser::check("graphs", &Pages::graphs());
}
