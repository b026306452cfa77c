//! Errors that the grammars read past.

use tree_sitter::{Node, Tree};

use crate::Language;
use crate::check::{SyntaxError, error_at};

/// The most errors listed.
const MAX_ERRORS: usize = 20;

/// Errors in a tree without error nodes.
pub(crate) fn errors(language: Language, source: &str, tree: &Tree) -> Vec<SyntaxError> {
    let mut found = Vec::new();
    if !matches!(language, Language::Python | Language::Rust) {
        return found;
    }
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let error = match language {
            Language::Python => python(source, node),
            _ => rust(source, node),
        };
        found.extend(error.map(|(offset, message)| error_at(source, offset, message)));
        if found.len() == MAX_ERRORS {
            return found;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                found.sort_by_key(|error| (error.line, error.column));
                return found;
            }
        }
    }
}

fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

fn python(source: &str, node: Node<'_>) -> Option<(usize, String)> {
    match node.kind() {
        "print_statement" => Some((
            node.start_byte(),
            "`print` is a function in Python 3: expected `(` after it".to_owned(),
        )),
        "exec_statement" => Some((
            node.start_byte(),
            "`exec` is a function in Python 3: expected `(` after it".to_owned(),
        )),
        "block" if node.named_child_count() == 0 => {
            let after = source[..node.start_byte()].trim_end().len();
            let header = node.parent().map_or(after, |parent| parent.start_byte());
            let (line, _) = crate::check::position(source, header);
            let word: String = source[header..].chars().take_while(|c| c.is_alphanumeric()).collect();
            let next = source.len() - source[after..].trim_start().len();
            let at = if next < source.len() { next } else { after };
            Some((
                at,
                format!("expected an indented block after the `{word}` of line {line}"),
            ))
        }
        "module" | "block" => indentation(source, node),
        "try_statement" => {
            let handled = children(node)
                .iter()
                .any(|child| child.kind().starts_with("except") || child.kind() == "finally_clause");
            let at = source[..node.end_byte()].trim_end().len();
            (!handled).then(|| (at, "expected an `except` or `finally` after the `try` block".to_owned()))
        }
        "argument_list" => {
            let mut keyword = false;
            children(node).into_iter().find_map(|child| {
                let kind = child.kind();
                keyword |= kind == "keyword_argument";
                let positional =
                    child.is_named() && !matches!(kind, "keyword_argument" | "list_splat" | "dictionary_splat");
                (keyword && positional).then(|| {
                    (
                        child.start_byte(),
                        "a positional argument follows a keyword argument".to_owned(),
                    )
                })
            })
        }
        "parameters" => {
            let mut default = false;
            let positional = children(node)
                .into_iter()
                // Behind a star the order is free.
                .take_while(|child| !matches!(child.kind(), "list_splat_pattern" | "keyword_separator"));
            positional.into_iter().find_map(|child| {
                default |= matches!(child.kind(), "default_parameter" | "typed_default_parameter");
                let message = "a parameter without a default follows one with a default";
                (default && child.kind() == "identifier").then(|| (child.start_byte(), message.to_owned()))
            })
        }
        _ => None,
    }
}

/// Statements of one block begin in one column.
fn indentation(source: &str, block: Node<'_>) -> Option<(usize, String)> {
    let mut first: Option<&str> = None;
    let mut previous: Option<Node<'_>> = None;
    for child in children(block).into_iter().filter(Node::is_named) {
        let start = child.start_byte();
        let line = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let margin = &source[line..start];
        if !margin.chars().all(|c| c == ' ' || c == '\t') {
            continue;
        }
        let wanted = *first.get_or_insert(margin);
        // Tabs against spaces have no width of their own.
        let tabs = margin.contains('\t') != wanted.contains('\t') && !margin.is_empty() && !wanted.is_empty();
        if margin.len() != wanted.len() && !tabs {
            let compound = previous.is_some_and(|previous| {
                source[previous.start_byte()..previous.end_byte()].contains('\n')
                    && previous.kind().ends_with("definition")
                    || previous.kind().ends_with("_statement")
                        && previous
                            .child_by_field_name("body")
                            .or(previous.child_by_field_name("consequence"))
                            .is_some()
            });
            let message = if compound {
                "the indentation matches no outer level"
            } else {
                "unexpected indent"
            };
            return Some((start, message.to_owned()));
        }
        previous = Some(child);
    }
    None
}

fn rust(source: &str, node: Node<'_>) -> Option<(usize, String)> {
    if node.kind() != "parameters" || node.parent()?.kind() != "function_item" {
        return None;
    }
    children(node)
        .into_iter()
        .find(|child| matches!(child.kind(), "type_identifier" | "identifier"))
        .map(|child| {
            let name = &source[child.start_byte()..child.end_byte()];
            (
                child.end_byte(),
                format!("parameter `{name}` has no type: expected `: Type` after it"),
            )
        })
}
