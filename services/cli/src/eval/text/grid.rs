//! Tables and numbers of a report card.

use anstyle::Style;

use crate::output::{FAINT, NAME, STRONG, Table, paint};

/// A table whose first row are its columns and whose first column are names.
pub(super) struct Grid(Table);

impl Grid {
    /// A table with these columns.
    pub(super) fn new<const N: usize>(columns: [&str; N]) -> Self {
        let mut table = Table::default();
        table.row(columns.map(|name| (FAINT, name.to_owned())));
        Self(table)
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.styled(Style::new(), cells);
    }

    /// Adds a row that stands out.
    pub(super) fn styled(&mut self, style: Style, cells: impl IntoIterator<Item = String>) {
        let styles = std::iter::once(NAME).chain(std::iter::repeat(style));
        self.0.row(styles.zip(cells));
    }
}

/// A table below its title.
pub(super) fn section(title: &str, detail: &str, table: &Grid) -> String {
    let gap = if detail.is_empty() { "" } else { "  " };
    format!(
        "\n{}{gap}{}\n{}",
        paint(STRONG, title),
        paint(FAINT, detail),
        table.0.render(2)
    )
}

/// A share in points of a hundred.
pub(super) fn points(share: f64) -> String {
    format!("{:.2}", share * 100.0)
}

/// The same, `-` for nothing.
pub(super) fn maybe(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), points)
}

/// A number with so many digits after the point.
pub(super) fn digits(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}
