//! Documents that are almost like an example: some still valid, most not.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

use serde_json::{Value, json};

/// A small generator of numbers, the same on every machine.
pub(crate) struct Random(u64);

impl Random {
    /// A generator; another seed gives other numbers.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % bound.max(1)
    }

    /// One of several things.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Changes one to three places of a document.
pub(crate) fn mutate(document: &Value, random: &mut Random) -> Value {
    let mut mutant = document.clone();
    for _ in 0..=random.below(3) {
        let places = places(&mutant);
        let place = random.pick(&places).clone();
        let donor = document.pointer(random.pick(&places).as_str()).cloned();
        if let Some(value) = mutant.pointer_mut(&place) {
            change(value, donor, random);
        }
    }
    mutant
}

fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, places: &mut Vec<String>) {
        places.push(path.to_owned());
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    walk(value, &format!("{path}/{name}"), places);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{path}/{index}"), places);
                }
            }
            _ => {}
        }
    }
    let mut places = Vec::new();
    walk(value, "", &mut places);
    places
}

fn change(value: &mut Value, donor: Option<Value>, random: &mut Random) {
    match value {
        _ if random.below(4) == 0 => *value = anything(random),
        _ if random.below(12) == 0 => *value = donor.unwrap_or(Value::Null),
        Value::Object(object) => {
            let names: Vec<String> = object.keys().cloned().collect();
            match random.below(4) {
                0 if !names.is_empty() => {
                    object.remove(random.pick(&names));
                }
                1 if !names.is_empty() => {
                    let name = random.pick(&names).clone();
                    if let Some(value) = object.remove(&name) {
                        object.insert(format!("{name}_"), value);
                    }
                }
                2 => {
                    let name = (*random.pick(&["x", "", "kind", "a/b", "\u{e9}", "type"])).to_owned();
                    object.entry(name).or_insert_with(|| anything(random));
                }
                _ => {
                    let mut entries: Vec<(String, Value)> = std::mem::take(object).into_iter().collect();
                    entries.reverse();
                    object.extend(entries);
                }
            }
        }
        Value::Array(items) => match random.below(4) {
            0 => items.push(anything(random)),
            1 if !items.is_empty() => {
                let index = random.below(items.len());
                items.push(items[index].clone());
            }
            2 => {
                items.pop();
            }
            _ => items.reverse(),
        },
        Value::String(text) => *value = Value::String(change_text(text, random)),
        Value::Number(number) => {
            let base = number.as_f64().unwrap_or(0.0);
            *value = match random.below(7) {
                0 => json!(base + 1.0),
                1 => json!(base - 1.0),
                2 => json!(-base),
                3 => json!(base + 0.5),
                4 => json!(base * 1000.0),
                5 => number
                    .as_i64()
                    .map_or(json!(base), |whole| json!(whole.saturating_add(1))),
                _ => number
                    .as_i64()
                    .map_or(json!(base), |whole| json!(whole.saturating_sub(1))),
            };
        }
        Value::Bool(flag) => *flag = !*flag,
        Value::Null => *value = anything(random),
    }
}

fn change_text(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let index = random.below(characters.len().max(1));
    match random.below(9) {
        0 => characters.push(*random.pick(&['a', '0', ' ', '-', 'Z', '\u{1F600}', '\n', '"'])),
        1 if !characters.is_empty() => {
            characters.remove(index);
        }
        2 if !characters.is_empty() => {
            characters[index] = *random.pick(&['0', 'f', 'g', '-', '.', 'T', '\u{e9}', '\u{0661}']);
        }
        3 => return text.to_uppercase(),
        4 => return text.to_lowercase(),
        5 => return text.repeat(40),
        6 => return String::new(),
        7 => return format!("{{{text}}}"),
        _ => characters.reverse(),
    }
    characters.into_iter().collect()
}

fn anything(random: &mut Random) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-0.0),
        json!(1),
        json!(1.0),
        json!(-1),
        json!(2.5),
        json!(1e3),
        json!(4_294_967_296_u64),
        json!(9_007_199_254_740_992_u64),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(""),
        json!("a"),
        json!("idle"),
        json!("\u{1F600}\u{1F600}"),
        json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
        json!("67E55044-10B1-426F-9247-BB680E5FE0C8"),
        json!("67e5504410b1426f9247bb680e5fe0c8"),
        json!("2024-02-29T23:59:60Z"),
        json!("2023-02-29T00:00:00Z"),
        json!("2024-01-01t00:00:00.123456789123+05:30"),
        json!("2024-01-01 00:00:00Z"),
        json!("2024-01-01"),
        json!("12:00:00Z"),
        json!("P1DT2H"),
        json!("a@example.com"),
        json!("http://example.com/%20?q#f"),
        json!("::1"),
        json!("/a/0"),
        json!([]),
        json!([1]),
        json!(["a", "a"]),
        json!([1, 1.0]),
        json!({}),
        json!({"a": 1}),
        json!({"kind": "start"}),
        json!({"a": {"b": [1, {"c": null}]}}),
    ];
    random.pick(&values).clone()
}

/// Changes the text of a document: cuts it, or puts one byte for another.
pub(crate) fn damage(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = text.to_vec();
    let index = random.below(damaged.len().max(1));
    match random.below(4) {
        0 => damaged.truncate(index),
        1 => damaged.insert(index, *random.pick(b"{}[],:\"\\0e-.\x00\xff \n")),
        2 if !damaged.is_empty() => {
            damaged.remove(index);
        }
        _ => {
            if let Some(byte) = damaged.get_mut(index) {
                *byte = *random.pick(b"{}[],:\"\\0e-.\x00\xff \nnt");
            }
        }
    }
    damaged
}
