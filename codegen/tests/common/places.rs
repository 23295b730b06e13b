//! What every finding owes its reader: words, and a place that is there.

use natsmith_codegen::Checked;

/// Findings that say nothing, or do not stand where they say.
pub(crate) fn faults(checked: &Checked) -> Vec<String> {
    let mut faults = Vec::new();
    for finding in checked.report.diagnostics() {
        for label in &finding.labels {
            let text = checked.files.get(label.span.file).map(|file| file.text.as_str());
            let place = label.span.start as usize..label.span.end as usize;
            if text.is_none_or(|text| text.get(place.clone()).is_none()) {
                faults.push(format!("`{}` points at {place:?}", finding.message));
            }
        }
        if finding.labels.is_empty() || finding.message.is_empty() {
            faults.push(format!("`{}` says nothing", finding.rule.code));
        }
    }
    faults
}
