//! YAML and JSON text to a spanned tree.
//!
//! JSON is read by the same parser, for YAML 1.2 contains it. Of YAML only what JSON can say is accepted: anchors, tags
//! and the many ways to write a boolean would make a contract mean different things to different readers.

use granit_parser::{Event, Options, Parser, ScalarStyle, Span as ParserSpan};

use super::node::{Entry, Mapping, Node, Value};
use super::{FileId, Span};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::file as rules;

/// How deep lists and mappings may be nested.
const MAX_DEPTH: usize = 128;

/// Reads the one document of a file.
///
/// A syntax error ends the file, for what follows it cannot be trusted; every other fault is reported and reading goes
/// on. `None` means that there is nothing to go on with: the file is broken, or it is empty.
pub fn parse(file: FileId, text: &str, report: &mut Report) -> Option<Node> {
    let mut options = Options::default();
    options.emit_comments = false;
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let mut builder = Builder {
        file,
        report,
        open: Vec::new(),
        documents: 0,
        root: None,
    };
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let span = Span {
                    file,
                    start: offset(at),
                    end: offset(at),
                };
                let info = error.info();
                let message = if info.contains("recursion limit") {
                    format!("lists and mappings are nested more than {MAX_DEPTH} deep")
                } else {
                    format!("not YAML: {info}")
                };
                let diagnostic = Diagnostic::new(&rules::SYNTAX, span, message, "")
                    .with_help("the file is not read beyond this place");
                builder.report.push(diagnostic);
                return None;
            }
        }
    }
    builder.root
}

/// A list or mapping that is not closed yet.
enum Open {
    Sequence { start: Span, items: Vec<Node> },
    Mapping { start: Span, mapping: Mapping, key: Key },
}

/// What a mapping waits for.
enum Key {
    /// The next key.
    Awaited,
    /// The value of this key.
    Read(String, Span),
    /// The value of a key that no JSON object can have; it is dropped.
    Refused,
}

struct Builder<'r> {
    file: FileId,
    report: &'r mut Report,
    open: Vec<Open>,
    documents: usize,
    root: Option<Node>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: ParserSpan) {
        let span = self.span(&span);
        if event.tag().is_some() {
            self.refuse(
                &rules::YAML_FEATURE,
                span,
                "a YAML tag has no meaning here",
                "remove the tag",
            );
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    let help = "put the second document into a file of its own";
                    self.refuse(&rules::YAML_FEATURE, span, "a file holds one document", help);
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                self.refuse_anchor(anchor, span);
                let value = self.scalar(text.into_owned(), style, span);
                self.value(Node { span, value });
            }
            Event::SequenceStart(_, anchor, _) => {
                self.refuse_anchor(anchor, span);
                self.open.push(Open::Sequence {
                    start: span,
                    items: Vec::new(),
                });
            }
            Event::MappingStart(_, anchor, _) => {
                self.refuse_anchor(anchor, span);
                self.open.push(Open::Mapping {
                    start: span,
                    mapping: Mapping::default(),
                    key: Key::Awaited,
                });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(_) => {
                let help = "write the value out; share payload parts with `$ref`";
                self.refuse(&rules::YAML_FEATURE, span, "aliases are not read", help);
                self.drop_value();
            }
            _ => {}
        }
    }

    /// Closes the innermost list or mapping and hands it to the one around it.
    fn close(&mut self, end: Span) {
        let (start, value) = match self.open.pop() {
            Some(Open::Sequence { start, items }) => (start, Value::Sequence(items)),
            Some(Open::Mapping { start, mapping, .. }) => (start, Value::Mapping(mapping)),
            None => return,
        };
        let span = Span {
            end: end.end.max(start.end),
            ..start
        };
        self.value(Node { span, value });
    }

    /// A finished value: a key, a key's value, an item, or the whole document.
    fn value(&mut self, node: Node) {
        match self.open.last_mut() {
            None if self.documents <= 1 => self.root = Some(node),
            None => {}
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { mapping, key, .. }) => match std::mem::replace(key, Key::Awaited) {
                Key::Awaited => match node.value {
                    Value::String(text) => *key = Key::Read(text, node.span),
                    Value::Number(number) => *key = Key::Read(number.to_string(), node.span),
                    Value::Bool(flag) => *key = Key::Read(flag.to_string(), node.span),
                    _ => {
                        *key = Key::Refused;
                        let message = format!("a key is text, this is {}", node.kind());
                        let help = "JSON knows no other keys: write the key as text, in quotes where it has to be";
                        self.report
                            .push(Diagnostic::new(&rules::SYNTAX, node.span, message, "").with_help(help));
                    }
                },
                Key::Refused => {}
                Key::Read(text, key_span) => {
                    let message = format!("`{text}` stands here twice");
                    let entry = Entry {
                        key: text,
                        key_span,
                        value: node,
                    };
                    if let Err(first) = mapping.insert(entry) {
                        let diagnostic = Diagnostic::new(&rules::DUPLICATE_KEY, key_span, message, "the second one")
                            .with_label(first, "the first one")
                            .with_help("remove or rename one of the two");
                        self.report.push(diagnostic);
                    }
                }
            },
        }
    }

    /// Leaves out a value that was refused, with its key: what it would have been is unknown, and to report it as
    /// missing or of a wrong type would only hide the cause.
    fn drop_value(&mut self) {
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut() {
            *key = match key {
                Key::Awaited => Key::Refused,
                Key::Read(..) | Key::Refused => Key::Awaited,
            };
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Span) -> Value {
        if style != ScalarStyle::Plain {
            return Value::String(text);
        }
        match text.as_str() {
            "" | "~" | "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ if is_ambiguous(&text) => {
                let message = format!("`{text}` means different things to different YAML readers");
                let help = format!("write `true`, `false` or a decimal number, or quote it: \"{text}\"");
                self.refuse(&rules::AMBIGUOUS_SCALAR, span, &message, &help);
                Value::String(text)
            }
            _ => match serde_json::from_str(&text) {
                Ok(number) if starts_as_number(&text) => Value::Number(number),
                _ => Value::String(text),
            },
        }
    }

    fn refuse(&mut self, rule: &'static crate::diagnostics::Rule, span: Span, message: &str, help: &str) {
        self.report
            .push(Diagnostic::new(rule, span, message, "").with_help(help));
    }

    fn refuse_anchor(&mut self, anchor: usize, span: Span) {
        if anchor != 0 {
            let help = "write the value out; share payload parts with `$ref`";
            self.refuse(&rules::YAML_FEATURE, span, "anchors are not read", help);
        }
    }

    fn span(&self, span: &ParserSpan) -> Span {
        let range = span.byte_range().unwrap_or(0..0);
        Span {
            file: self.file,
            start: offset(range.start),
            end: offset(range.end),
        }
    }
}

/// Plain words that YAML 1.1 and 1.2 read differently, and numbers that JSON cannot write.
fn is_ambiguous(text: &str) -> bool {
    const WORDS: [&str; 7] = ["yes", "no", "on", "off", "true", "false", "null"];
    const FLOATS: [&str; 3] = [".inf", "-.inf", ".nan"];
    let lower = text.to_ascii_lowercase();
    let radix = lower.strip_prefix("0x").or_else(|| lower.strip_prefix("0o"));
    WORDS.contains(&lower.as_str())
        || FLOATS.contains(&lower.as_str())
        || radix.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn starts_as_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Files;

    /// Parses, and says what was read and what was found.
    fn check(text: &str, json: &str, findings: &[&str]) {
        let mut files = Files::default();
        let file = files.add("test.yaml", text);
        let mut report = Report::default();
        let node = parse(file, text, &mut report);
        let read = node.map_or_else(|| "nothing".to_owned(), |node| node.to_json().to_string());
        let found: Vec<_> = report
            .diagnostics()
            .iter()
            .map(|diagnostic| {
                let (line, column) = files.line_column(diagnostic.labels[0].span);
                format!("{line}:{column} {}", diagnostic.rule.code)
            })
            .collect();
        assert_eq!(read, json, "{text}");
        assert_eq!(found, findings, "{text}");
    }

    #[test]
    fn reads_what_json_can_say() {
        check(
            "a: 1\nb: [x, 2.5, null, true]\n",
            r#"{"a":1,"b":["x",2.5,null,true]}"#,
            &[],
        );
        check(
            "{\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": {}}",
            r#"{"a":"😀/","b":{}}"#,
            &[],
        );
        check("v: 2.0.0\nd: 30s\ns: '7'\n", r#"{"v":"2.0.0","d":"30s","s":"7"}"#, &[]);
        check("", "nothing", &[]);
    }

    #[test]
    fn points_at_what_it_refuses() {
        check("a: 1\na: 2\n", r#"{"a":1}"#, &["2:1 file/duplicate-key"]);
        check("a: yes\n", r#"{"a":"yes"}"#, &["1:4 file/ambiguous-scalar"]);
        check(
            "a: &x 1\nb: *x\n",
            r#"{"a":1}"#,
            &["1:7 file/yaml-feature", "2:4 file/yaml-feature"],
        );
        check("a: !!str 1\n", r#"{"a":1}"#, &["1:10 file/yaml-feature"]);
        check("a: 1\n---\nb: 2\n", r#"{"a":1}"#, &["2:1 file/yaml-feature"]);
        check("a: [1\n", "nothing", &["1:4 file/syntax"]);
        check("[a]: 1\n", "{}", &["1:1 file/syntax"]);
    }

    #[test]
    fn spans_cover_the_value() {
        let text = "a:\n  b: hello\n";
        let mut report = Report::default();
        let node = parse(Files::default().add("t", text), text, &mut report).expect("parses");
        let span = node.pointer("/a/b").expect("is there").span;
        assert_eq!(&text[span.start as usize..span.end as usize], "hello");
    }
}
