//! The functions and types of a source.

use tree_sitter::Node;

use crate::{Language, NotChecked, parse};

/// The most symbols listed.
const MAX_SYMBOLS: usize = 500;

/// What a symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// A function.
    Function,
    /// A function inside a type.
    Method,
    /// A class.
    Class,
    /// A struct, an enum, a union, a type alias or an interface.
    Type,
    /// A trait.
    Trait,
    /// A module.
    Module,
    /// A macro.
    Macro,
}

impl SymbolKind {
    /// The kind in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Method => "method",
            Self::Class => "class",
            Self::Type => "type",
            Self::Trait => "trait",
            Self::Module => "module",
            Self::Macro => "macro",
        }
    }
}

/// A named thing that a source defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Its name.
    pub name: String,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// How many symbols it stands inside of.
    pub depth: usize,
}

/// The functions, classes and types of a source in order; empty for data.
pub fn outline(language: Language, source: &str) -> Result<Vec<Symbol>, NotChecked> {
    if source.len() > crate::MAX_SOURCE_BYTES {
        return Err(NotChecked::TooLong);
    }
    if language.is_data() {
        return Ok(Vec::new());
    }
    let tree = parse::tree(language, source, parse::Deadline::new()).ok_or(NotChecked::TooSlow)?;
    let mut found: Vec<Symbol> = Vec::new();
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        open.retain(|(end, _)| *end > node.start_byte());
        if let Some((kind, name)) = symbol(source, node, open.last().is_some_and(|(_, of_type)| *of_type)) {
            let row = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
            let (line, end_line) = (row(node.start_position().row), row(node.end_position().row));
            found.push(Symbol {
                kind,
                name,
                line,
                end_line,
                depth: open.len(),
            });
            open.push((
                node.end_byte(),
                !matches!(kind, SymbolKind::Function | SymbolKind::Method | SymbolKind::Module),
            ));
        } else if node.kind() == "impl_item" {
            open.push((node.end_byte(), true));
        }
        if found.len() == MAX_SYMBOLS {
            return Ok(found);
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(found);
            }
        }
    }
}

fn symbol(source: &str, node: Node<'_>, in_type: bool) -> Option<(SymbolKind, String)> {
    let function = if in_type {
        SymbolKind::Method
    } else {
        SymbolKind::Function
    };
    let kind = match node.kind() {
        "function_definition"
        | "function_item"
        | "function_signature_item"
        | "function_declaration"
        | "generator_function_declaration" => function,
        "method_definition" | "method_declaration" => SymbolKind::Method,
        "class_definition" | "class_declaration" => SymbolKind::Class,
        "struct_item" | "enum_item" | "union_item" | "type_item" | "type_spec" => SymbolKind::Type,
        "trait_item" => SymbolKind::Trait,
        "mod_item" => SymbolKind::Module,
        "macro_definition" => SymbolKind::Macro,
        "variable_declarator" => {
            let value = node.child_by_field_name("value")?;
            matches!(
                value.kind(),
                "arrow_function" | "function_expression" | "generator_function"
            )
            .then_some(function)?
        }
        _ => return None,
    };
    let name = node.child_by_field_name("name")?;
    let name = source.get(name.start_byte()..name.end_byte())?;
    (!name.is_empty()).then(|| (kind, name.to_owned()))
}
