//! Descriptions as HTML. They are Markdown, and nothing of them but what Markdown itself stands for reaches a page:
//! HTML is shown as text, images by their words, and links lead to the web or to a page of the reference.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use minijinja::{Environment, Value};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::address;
use super::site::Site;

/// The pages that names lead to.
type Known = HashMap<String, String>;

/// Adds `markdown`, for descriptions, and `inline`, for what stands within a sentence.
pub(super) fn add_filters(site: &Site<'_>, environment: &mut Environment<'static>) {
    let mut known: Known = HashMap::new();
    for name in site.contract.subjects.keys() {
        known.insert(name.clone(), address::subject(name));
    }
    for name in site.contract.payloads.names() {
        known.insert(name.to_owned(), address::payload(name));
        // What the Markdown reference links to.
        known.insert(format!("#{}", name.to_lowercase()), address::payload(name));
    }
    let known = Arc::new(known);
    let of_filter = Arc::clone(&known);
    environment.add_filter("markdown", move |text: Cow<'_, str>, root: Cow<'_, str>| {
        Value::from_safe_string(block(&text, &root, &of_filter))
    });
    environment.add_filter("inline", move |text: Cow<'_, str>, root: Cow<'_, str>| {
        Value::from_safe_string(inline(&text, &root, &known))
    });
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// Markdown as blocks.
fn block(text: &str, root: &str, known: &Known) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, harmless(text, root, known).into_iter());
    out
}

/// Markdown that stands within a line: paragraphs follow each other without a break.
fn inline(text: &str, root: &str, known: &Known) -> String {
    let is_inline = |event: &Event<'_>| match event {
        Event::Start(tag) => matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. }),
        Event::End(tag) => matches!(
            tag,
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link
        ),
        Event::Text(_) | Event::Code(_) | Event::SoftBreak | Event::InlineHtml(_) => true,
        _ => false,
    };
    let mut out = String::with_capacity(text.len() * 2);
    let events = harmless(text, root, known);
    html::push_html(&mut out, events.into_iter().filter(is_inline));
    out
}

fn harmless<'t>(text: &'t str, root: &str, known: &Known) -> Vec<Event<'t>> {
    let mut events = Vec::new();
    // Whether each open link leads somewhere.
    let mut links: Vec<bool> = Vec::new();
    let mut images = 0_usize;
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => events.push(Event::Text(html)),
            // Headings of a description have no place among those of its page.
            Event::Start(Tag::Heading { .. }) => {
                events.push(Event::Start(Tag::Paragraph));
                events.push(Event::Start(Tag::Strong));
            }
            Event::End(TagEnd::Heading(_)) => {
                events.push(Event::End(TagEnd::Strong));
                events.push(Event::End(TagEnd::Paragraph));
            }
            Event::Start(Tag::Image { .. }) => images += 1,
            Event::End(TagEnd::Image) => images = images.saturating_sub(1),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                id,
                ..
            }) => {
                let target = target(&dest_url, root, known);
                links.push(target.is_some());
                if let Some(dest_url) = target {
                    events.push(Event::Start(Tag::Link {
                        link_type,
                        dest_url,
                        title: CowStr::Borrowed(""),
                        id,
                    }));
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    events.push(event);
                }
            }
            Event::Code(code) if links.is_empty() && images == 0 => match known.get(code.as_ref()) {
                Some(path) => {
                    let link = format!("<a href=\"{root}{path}\"><code>");
                    events.push(Event::InlineHtml(link.into()));
                    events.push(Event::Text(code));
                    events.push(Event::InlineHtml("</code></a>".into()));
                }
                None => events.push(Event::Code(code)),
            },
            Event::Start(Tag::Table(_)) => {
                events.push(Event::Html("<div class=\"scroll\" tabindex=\"0\">".into()));
                events.push(event);
            }
            Event::End(TagEnd::Table) => {
                events.push(event);
                events.push(Event::Html("</div>\n".into()));
            }
            _ => events.push(event),
        }
    }
    events
}

/// Where a link may lead: to the web, or to a page that a name leads to.
fn target<'t>(written: &CowStr<'t>, root: &str, known: &Known) -> Option<CowStr<'t>> {
    let to_the_web = ["https://", "http://", "mailto:"];
    let lower = written.to_ascii_lowercase();
    if to_the_web.iter().any(|scheme| lower.starts_with(scheme)) {
        return Some(written.clone());
    }
    let path = known.get(written.as_ref())?;
    Some(format!("{root}{path}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        [("orders.placed".to_owned(), "subjects/orders.placed.html".to_owned())].into()
    }

    fn check(markdown: &str, expected: &str) {
        assert_eq!(block(markdown, "../", &known()), expected, "{markdown}");
    }

    #[test]
    fn descriptions_are_markdown_and_nothing_else() {
        check(
            "A *word* and `code`.",
            "<p>A <em>word</em> and <code>code</code>.</p>\n",
        );
        check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
        check(
            "a <img src=x onerror=alert(1)> b",
            "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>\n",
        );
        check("[x](javascript:alert(1))", "<p>x</p>\n");
        check("[x](JavaScript:alert(1))", "<p>x</p>\n");
        check("[x](data:text/html,hi)", "<p>x</p>\n");
        check("[x](other.md) ![a cat](cat.png)", "<p>x a cat</p>\n");
        check("[x](https://nats.io)", "<p><a href=\"https://nats.io\">x</a></p>\n");
        check("# Big\n\nsmall", "<p><strong>Big</strong></p>\n<p>small</p>\n");
        check(
            "see `orders.placed`",
            "<p>see <a href=\"../subjects/orders.placed.html\"><code>orders.placed</code></a></p>\n",
        );
    }

    #[test]
    fn what_stands_in_a_line_stays_in_it() {
        assert_eq!(inline("one\n\n- two `x`", "", &known()), "onetwo <code>x</code>");
        assert_eq!(inline("<b>", "", &known()), "&lt;b&gt;");
    }
}
