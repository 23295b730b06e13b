//! JSON pointers.

/// RFC 6901.
pub(super) fn is_json_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

/// A number of levels, then `#` or a JSON pointer.
pub(super) fn is_relative_json_pointer(text: &str) -> bool {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((levels, rest)) = text.split_at_checked(length) else {
        return false;
    };
    let number = levels == "0" || !levels.is_empty() && !levels.starts_with('0');
    number && (rest == "#" || is_json_pointer(rest))
}
