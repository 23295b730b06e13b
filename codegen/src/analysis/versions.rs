//! Versions: nothing asks for a server newer than the oldest one that the contract must run on.

use crate::contract::settings::{BUCKET, CONSUMER, OBJECT_STORE, STREAM, Setting, Settings};
use crate::contract::{Contract, ServerVersion};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::contract as rules;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for stream in contract.streams.values() {
        known(&stream.settings, STREAM, contract.nats, report);
        for consumer in stream.consumers.values() {
            known(&consumer.settings, CONSUMER, contract.nats, report);
        }
    }
    for store in contract.stores() {
        known(&store.settings, store.kind.table(), contract.nats, report);
    }
    for profile in contract.profiles.values() {
        for settings in profile.streams.values() {
            known(settings, STREAM, contract.nats, report);
        }
        for settings in profile.consumers.values() {
            known(settings, CONSUMER, contract.nats, report);
        }
        for settings in profile.kv.values() {
            known(settings, BUCKET, contract.nats, report);
        }
        for settings in profile.object_stores.values() {
            known(settings, OBJECT_STORE, contract.nats, report);
        }
    }
}

fn known(settings: &Settings, table: &[Setting], oldest: ServerVersion, report: &mut Report) {
    for (name, value) in settings.iter() {
        let since = table
            .iter()
            .find(|setting| setting.name == name)
            .map_or(0, |setting| setting.since);
        let since = ServerVersion { major: 2, minor: since };
        if since > oldest {
            let message = format!("`{name}` came with server {since}, this contract runs on {oldest} too");
            let diagnostic = Diagnostic::new(&rules::NEWER_THAN_SERVER, value.key_span, message, "").with_help(
                format!("an older server drops it silently: remove it, or require `nats: \">={since}\"`"),
            );
            report.push(diagnostic);
        }
    }
}
