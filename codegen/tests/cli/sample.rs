//! `sample`

use insta::assert_snapshot;

use crate::common::run::{root, run};
use crate::common::workshop::Workshop;

#[test]
fn a_sample_has_every_member() {
    assert_snapshot!(Workshop::new().run(&["sample", "Order"]).shown());
    let repository = ["sample", "AgentStatus", "--contract", "schema/mister-smith"];
    assert_snapshot!(run(root(), &repository).shown());
}

#[test]
fn a_minimal_sample_has_what_must_be_there() {
    assert_snapshot!(Workshop::new().run(&["sample", "Order", "--minimal"]).shown());
}

#[test]
fn each_line_has_a_document_with_one_fault() {
    assert_snapshot!(Workshop::new().run(&["sample", "Order", "--invalid"]).shown());
}

#[test]
fn a_payload_is_found_in_the_contract_that_has_it() {
    let workshop = Workshop::new();
    let header = "natsmith: 1\ncontract: other\nversion: 1.0.0\nsubjects: { a.b: { subject: a.b, payload: Other } }\n";
    workshop.write("schema/other/contract.yaml", header);
    let price = workshop.read("schema/shop/price.schema.yaml");
    workshop.write("schema/other/other.schema.yaml", &price.replace("Price", "Other"));
    let alone = workshop.run(&["sample", "Order"]);
    assert_eq!(alone.code, Some(0), "{alone:?}");
    workshop.write(
        "schema/other/order.schema.yaml",
        &workshop.read("schema/shop/order.schema.yaml"),
    );
    assert_snapshot!(workshop.run(&["sample", "Order"]).shown());
    let named = workshop.run(&["sample", "Order", "--contract", "schema/shop"]);
    assert_eq!(named, alone);
}

#[test]
fn what_cannot_be_sampled_says_why() {
    let workshop = Workshop::new();
    assert_snapshot!(workshop.run(&["sample", "Oder"]).shown());
    assert_snapshot!(workshop.run(&["sample", "Frobnicate"]).shown());
    let both = workshop.run(&["sample", "Order", "--minimal", "--invalid"]);
    assert_eq!((both.code, both.stdout.as_str()), (Some(2), ""));

    // No text is made for a pattern that is also held against a format, unless somebody wrote one.
    workshop.write(
        "schema/shop/link.schema.yaml",
        "$schema: https://json-schema.org/draft/2020-12/schema\ntitle: Link\ntype: string\nformat: uuid\npattern: \"77$\"\n",
    );
    assert_snapshot!(workshop.run(&["sample", "Link"]).shown());
    let document = "\"3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a77\"";
    workshop.write("schema/shop/examples/Link/valid/one.json", document);
    let run = workshop.run(&["sample", "Link"]);
    assert_eq!((run.code, run.stdout.trim_end()), (Some(0), document));

    workshop.edit("schema/shop/order.schema.yaml", "type: integer", "type: whole");
    assert_snapshot!(workshop.run(&["sample", "Order"]).shown());
}
