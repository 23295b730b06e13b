//! YAML and JSON text to a spanned tree.
