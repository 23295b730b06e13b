//! What is said about `rust: borrowed:`, and where.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;

use natsmith_codegen::check;
use natsmith_codegen::diagnostics::Level;

const HEADER: &str = "natsmith: 1\ncontract: shop\nversion: 1.0.0\nroles:\n  shop: { description: Sells. }\n\
    subjects:\n  orders.placed:\n    subject: orders.placed\n    payload: Order\n    publish: [shop]\n    subscribe: [shop]\n";

const ORDER: &str = "$schema: https://json-schema.org/draft/2020-12/schema
title: Order
type: object
properties:
  name: { type: string }
  line: { $ref: '#/$defs/LineRef' }
  lines: { type: array, items: { $ref: '#/$defs/Line' } }
$defs:
  Line: { title: Line, type: object, properties: { text: { type: string } } }
  LineRef: { title: LineRef, type: object, properties: { line: { type: integer } } }
";

const TOTAL: &str = "$schema: https://json-schema.org/draft/2020-12/schema
title: Total
type: object
properties:
  cents: { type: integer }
";

const ORDER_REF: &str = "$schema: https://json-schema.org/draft/2020-12/schema
title: OrderRef
type: object
properties:
  order: { type: integer }
";

/// The findings with their codes and what they point at.
fn findings(borrowed: &str, schemas: &[&str]) -> Vec<(&'static str, String, String)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let contract = format!("{HEADER}rust: {{ borrowed: [{borrowed}] }}\n");
    fs::write(folder.path().join("contract.yaml"), &contract).expect("a file can be written");
    for (index, schema) in schemas.iter().enumerate() {
        let path = folder.path().join(format!("payload{index}.schema.yaml"));
        fs::write(path, schema).expect("a file can be written");
    }
    let checked = check(folder.path());
    let findings = checked.report.diagnostics().iter();
    findings
        .filter(|finding| finding.level > Level::Info)
        .map(|finding| {
            let span = finding.labels.first().expect("a finding has a place").span;
            let text = &checked.files.get(span.file).expect("a place is in a file").text;
            let place = text.get(span.start as usize..span.end as usize).unwrap_or_default();
            (finding.rule.code, finding.message.clone(), place.to_owned())
        })
        .collect()
}

#[test]
fn each_fault_is_reported_where_it_is() {
    for (borrowed, schemas, expected) in [
        ("Order", &[&ORDER.replace("LineRef", "Other")[..]][..], None),
        (
            "Ordr",
            &[ORDER],
            Some(("names/unknown-payload", "no payload is named `Ordr`", "Ordr")),
        ),
        (
            "Total",
            &[ORDER, TOTAL],
            Some((
                "payload/nothing-to-borrow",
                "no value of `Total` can be borrowed",
                "Total",
            )),
        ),
        (
            "Order",
            &[ORDER],
            Some((
                "payload/name-clash",
                "`LineRef` is the borrowed form of `Line` too",
                "LineRef",
            )),
        ),
        (
            "Order",
            &[&ORDER.replace("LineRef", "Other"), ORDER_REF],
            Some((
                "payload/name-clash",
                "`OrderRef` is the borrowed form of `Order` too",
                "OrderRef",
            )),
        ),
        // Nobody asks for a borrowed form of it.
        ("Total", &[ORDER, &TOTAL.replace("integer", "string")], None),
    ] {
        let found = findings(borrowed, schemas);
        assert_eq!(found.len(), usize::from(expected.is_some()), "{borrowed}: {found:?}");
        for ((code, message, place), (expected, says, at)) in found.iter().zip(expected) {
            assert_eq!((*code, message.as_str()), (expected, says));
            assert!(place.contains(at), "{code}: {place}");
        }
    }
}
