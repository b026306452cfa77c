//! Expressions: the tree, and its text.

use std::fmt;

use crate::number::{Q, exact_decimal, fixed, fraction, show};

/// A sign between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Mod,
    /// "15% of 240": a product whose reach is not settled by convention.
    Of,
}

/// What is applied to arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Func {
    Sqrt,
    Cbrt,
    Abs,
    Sin,
    Cos,
    Tan,
    Ln,
    /// To the base ten, or to the base of a second argument.
    Log,
    Log2,
    Exp,
    Gcd,
    Lcm,
    Min,
    Max,
    Floor,
    Ceil,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Num(Q),
    Money(Q, char),
    Pi,
    E,
    Var(char),
    Neg(Box<Expr>),
    Percent(Box<Expr>),
    Degrees(Box<Expr>),
    Factorial(Box<Expr>),
    Bin(Op, Box<Expr>, Box<Expr>),
    Call(Func, Vec<Expr>),
}

impl Func {
    pub(crate) const ALL: &'static [(&'static str, Func)] = &[
        ("sqrt", Func::Sqrt),
        ("cbrt", Func::Cbrt),
        ("abs", Func::Abs),
        ("sin", Func::Sin),
        ("cos", Func::Cos),
        ("tan", Func::Tan),
        ("ln", Func::Ln),
        ("log", Func::Log),
        ("log10", Func::Log),
        ("log2", Func::Log2),
        ("exp", Func::Exp),
        ("gcd", Func::Gcd),
        ("gcf", Func::Gcd),
        ("hcf", Func::Gcd),
        ("lcm", Func::Lcm),
        ("min", Func::Min),
        ("max", Func::Max),
        ("floor", Func::Floor),
        ("ceil", Func::Ceil),
    ];

    fn name(self) -> &'static str {
        if self == Func::Log {
            return "log10";
        }
        Func::ALL.iter().find(|(_, f)| *f == self).map_or("?", |(name, _)| name)
    }

    /// Takes a list, where others take one argument.
    pub(crate) fn takes_list(self) -> bool {
        matches!(self, Func::Gcd | Func::Lcm | Func::Min | Func::Max)
    }
}

impl Expr {
    pub(crate) fn bin(op: Op, left: Expr, right: Expr) -> Expr {
        Expr::Bin(op, Box::new(left), Box::new(right))
    }

    /// Is there any operation here, or only a number?
    pub(crate) fn is_literal(&self) -> bool {
        match self {
            Expr::Num(_) | Expr::Money(..) | Expr::Var(_) => true,
            Expr::Neg(inner) => inner.is_literal(),
            _ => false,
        }
    }

    /// One literal divided by another: `1/3`.
    pub(crate) fn is_fraction(&self) -> bool {
        matches!(self, Expr::Bin(Op::Div, a, b) if matches!((&**a, &**b), (Expr::Num(a), Expr::Num(b)) if a.is_integer() && b.is_integer()))
    }

    /// Does the predicate hold anywhere in the tree? (Depth is bounded by the parser.)
    pub(crate) fn any(&self, holds: &dyn Fn(&Expr) -> bool) -> bool {
        holds(self)
            || match self {
                Expr::Neg(a) | Expr::Percent(a) | Expr::Degrees(a) | Expr::Factorial(a) => a.any(holds),
                Expr::Bin(_, a, b) => a.any(holds) || b.any(holds),
                Expr::Call(_, arguments) => arguments.iter().any(|a| a.any(holds)),
                _ => false,
            }
    }

    /// Does its text begin with a minus sign?
    fn starts_negative(&self) -> bool {
        match self {
            Expr::Neg(_) => true,
            Expr::Num(q) => *q < Q::from_integer(0.into()),
            Expr::Bin(_, a, _) => a.binding() >= self.binding() && a.starts_negative(),
            _ => false,
        }
    }

    fn binding(&self) -> u8 {
        match self {
            Expr::Bin(Op::Add | Op::Sub, ..) => 1,
            Expr::Bin(Op::Of, ..) => 2,
            Expr::Bin(Op::Mul | Op::Div | Op::Mod, ..) => 3,
            Expr::Neg(_) => 4,
            Expr::Bin(Op::Pow, ..) => 5,
            Expr::Num(q) if exact_decimal(q).is_none() => 3,
            Expr::Num(q) if q < &Q::from_integer(0.into()) => 4,
            Expr::Percent(_) | Expr::Degrees(_) | Expr::Factorial(_) => 6,
            _ => 7,
        }
    }

    fn write_in(&self, f: &mut fmt::Formatter<'_>, least: u8) -> fmt::Result {
        if self.binding() < least {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Num(q) => f.write_str(&exact_decimal(q).unwrap_or_else(|| fraction(q))),
            Expr::Money(q, c) if q.is_integer() => write!(f, "{c}{}", q.numer()),
            Expr::Money(q, c) => match exact_decimal(q) {
                Some(text) if text.len() > fixed(q, 2).len() => write!(f, "{c}{}", show(q).0),
                _ => write!(f, "{c}{}", fixed(q, 2)),
            },
            Expr::Pi => f.write_str("pi"),
            Expr::E => f.write_str("e"),
            Expr::Var(name) => write!(f, "{name}"),
            Expr::Neg(a) => {
                f.write_str("-")?;
                a.write_in(f, 4)
            }
            Expr::Percent(a) => {
                a.write_in(f, 7)?;
                f.write_str("%")
            }
            Expr::Degrees(a) => {
                a.write_in(f, 7)?;
                f.write_str("°")
            }
            Expr::Factorial(a) => {
                a.write_in(f, 7)?;
                f.write_str("!")
            }
            Expr::Call(function, arguments) => {
                let (name, arguments) = match (function, arguments.as_slice()) {
                    (Func::Log, [x, base]) => (format!("log base {base} of "), std::slice::from_ref(x)),
                    (function, arguments) => (function.name().to_owned(), arguments),
                };
                write!(f, "{name}(")?;
                for (i, argument) in arguments.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    write!(f, "{comma}{argument}")?;
                }
                f.write_str(")")
            }
            Expr::Bin(op, a, b) => {
                let implicit = *op == Op::Mul
                    && matches!(&**a, Expr::Num(_) | Expr::Neg(_))
                    && a.is_literal()
                    && (matches!(**b, Expr::Var(_) | Expr::Pi)
                        || matches!(&**b, Expr::Bin(Op::Pow, base, _) if matches!(**base, Expr::Var(_))));
                let (sign, left, right) = match op {
                    Op::Add => (" + ", 1, 2),
                    Op::Sub => (" - ", 1, 2),
                    Op::Of => (" of ", 3, 3),
                    Op::Mul if implicit => ("", 3, 4),
                    Op::Mul => (" × ", 3, 4),
                    Op::Div if self.is_fraction() => ("/", 3, 5),
                    Op::Div => (" / ", 3, 5),
                    Op::Mod => (" mod ", 3, 5),
                    Op::Pow => ("^", 6, 5),
                };
                a.write_in(f, left)?;
                f.write_str(sign)?;
                // A sign after a sign stands in parentheses.
                if *op != Op::Pow && b.binding() >= right && b.starts_negative() {
                    return write!(f, "({b})");
                }
                b.write_in(f, right)
            }
        }
    }
}
