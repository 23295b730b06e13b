//! `natsmith docs`: the documents alone, and what a contract changes about them.

use crate::common::workshop::Workshop;

#[test]
fn documents_are_written_and_checked_by_themselves() {
    let workshop = Workshop::new();
    let run = workshop.run(&["docs"]);
    assert_eq!(run.code, Some(0), "{}", run.shown());
    assert!(
        !workshop.path("generated/shop/Cargo.toml").exists(),
        "the crate is not written"
    );
    for file in [
        "index.html",
        "reference.md",
        "llms.txt",
        "json-schema/Order.json",
        "subjects.json",
        "asyncapi/asyncapi.yaml",
        "assets/natsmith.css",
    ] {
        assert!(workshop.path("generated/shop/docs").join(file).is_file(), "{file}");
    }
    assert_eq!(workshop.run(&["docs", "--check"]).code, Some(0));

    // Both commands write the same, and both see what is stale.
    assert_eq!(workshop.run(&["generate"]).code, Some(0));
    assert_eq!(workshop.run(&["docs", "--check"]).code, Some(0));
    workshop.edit("generated/shop/docs/index.html", "A small shop", "A large shop");
    for command in ["docs", "generate"] {
        let run = workshop.run(&[command, "--check"]);
        assert_eq!(run.code, Some(1), "{}", run.shown());
        let repair = format!("to repair it, run: cargo natsmith {command} schema/shop");
        assert!(
            run.stdout.contains("A large shop") && run.stdout.contains(&repair),
            "{}",
            run.shown()
        );
    }
    assert_eq!(workshop.run(&["docs"]).code, Some(0));
    assert_eq!(workshop.run(&["generate", "--check"]).code, Some(0));
}

#[test]
fn documents_go_where_they_are_wanted() {
    let workshop = Workshop::new();
    assert_eq!(workshop.run(&["docs", "--output", "site"]).code, Some(0));
    assert!(workshop.path("site/index.html").is_file());
    assert!(!workshop.path("generated").exists());
    assert_eq!(workshop.run(&["docs", "--output", "site", "--check"]).code, Some(0));

    workshop.write("photos/cat.txt", "a cat");
    let run = workshop.run(&["docs", "--output", "photos"]);
    assert_eq!(run.code, Some(2), "{}", run.shown());
    assert!(run.stderr.contains("is left alone"), "{}", run.shown());
    assert_eq!(workshop.read("photos/cat.txt"), "a cat");
}

#[test]
fn a_contract_has_a_theme_and_templates_of_its_own() {
    let workshop = Workshop::new();
    workshop.write("schema/shop/docs/theme.css", ":root { --accent: #c00; }\n");
    workshop.write(
        "schema/shop/docs/templates/html/layout.html.j2",
        "{% extends \"natsmith/html/layout.html.j2\" %}\n{% block footer %}Ask in room 7.{% endblock %}\n",
    );
    assert_eq!(workshop.run(&["docs"]).code, Some(0));
    let page = workshop.read("generated/shop/docs/subjects/orders.placed.html");
    assert!(
        page.contains("../assets/theme.css") && page.contains("Ask in room 7."),
        "{page}"
    );
    assert!(page.contains("<h1>orders.placed</h1>"), "all else is as it was");
    assert_eq!(
        workshop.read("generated/shop/docs/assets/theme.css"),
        ":root { --accent: #c00; }\n"
    );

    workshop.write(
        "schema/shop/docs/templates/html/tokens.html.j2",
        "<h1>Tokens</h1>\n{{ page.nothing }}\n",
    );
    let run = workshop.run(&["docs"]);
    assert_eq!(run.code, Some(2), "{}", run.shown());
    let place = "docs/templates/html/tokens.html.j2:2: ";
    assert!(
        run.stderr.contains(place) && !run.stderr.contains("fault in natsmith"),
        "{}",
        run.shown()
    );
}

#[test]
fn templates_are_listed_and_printed() {
    let workshop = Workshop::new();
    let list = workshop.run(&["docs", "--templates"]);
    assert!(
        list.stdout.lines().any(|name| name == "html/subject.html.j2"),
        "{}",
        list.shown()
    );
    for name in list.stdout.lines() {
        let printed = workshop.run(&["docs", "--template", name]);
        assert!(
            printed.code == Some(0) && printed.stdout.contains("{{"),
            "{name}: {}",
            printed.shown()
        );
    }
    assert_eq!(
        workshop.run(&["docs", "--template", "crate/Cargo.toml.j2"]).code,
        Some(2)
    );
}
