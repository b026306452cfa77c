//! Sums, averages, extremes, divisors of lists; two operands joined by a verb.

use super::Form;
use super::amount::{Amount, operand};
use crate::eval::eval;
use crate::expr::{Expr, Func, Op};
use crate::limits::Work;
use crate::number::{Q, int};
use crate::token::Token;
use crate::{Answer, Declined};

pub(super) const FORMS: &[Form] = &[
    ("the? average|mean of|for the? numbers|values? :? {}", |s| average(s[0])),
    ("the? arithmetic mean|average of :? {}", |s| average(s[0])),
    ("average|mean {}", |s| average(s[0])),
    ("the? median of|for the? numbers|values? :? {}", |s| median(s[0])),
    ("the? sum|total of the? numbers? :? {}", |s| fold(s[0], Op::Add)),
    ("sum|add|total up? {}", |s| fold(s[0], Op::Add)),
    ("add {} together", |s| fold(s[0], Op::Add)),
    ("the? product of numbers? :? {}", |s| fold(s[0], Op::Mul)),
    ("multiply {} and|by|with|times {}", |s| pair(s[0], s[1], Op::Mul)),
    ("multiply {} together", |s| fold(s[0], Op::Mul)),
    ("divide {} by {}", |s| pair(s[0], s[1], Op::Div)),
    ("the? quotient of {} and|by {}", |s| pair(s[0], s[1], Op::Div)),
    ("subtract|take {} from {}", |s| pair(s[1], s[0], Op::Sub)),
    ("add {} to {}", |s| pair(s[1], s[0], Op::Add)),
    ("{} added to {}", |s| pair(s[1], s[0], Op::Add)),
    ("{} subtracted|taken from {}", |s| pair(s[1], s[0], Op::Sub)),
    ("{} take away {}", |s| pair(s[0], s[1], Op::Sub)),
    ("the? difference between|of {} and {}", |s| difference(s[0], s[1])),
    (
        "the? largest|biggest|greatest|maximum|max|highest of|among number|numbers|value|values? :? {}",
        |s| call(s[0], Func::Max),
    ),
    (
        "the? smallest|minimum|min|lowest|least of|among number|numbers|value|values? :? {}",
        |s| call(s[0], Func::Min),
    ),
    ("the? gcd|gcf|hcf of|for {}", |s| call(s[0], Func::Gcd)),
    ("the? gcd|gcf|hcf {}", |s| call(s[0], Func::Gcd)),
    ("the? greatest|highest|largest common divisor|factor of|for {}", |s| {
        call(s[0], Func::Gcd)
    }),
    ("the? lcm of|for {}", |s| call(s[0], Func::Lcm)),
    ("the? lcm {}", |s| call(s[0], Func::Lcm)),
    ("the? least|lowest|smallest common multiple of|for {}", |s| {
        call(s[0], Func::Lcm)
    }),
];

/// The elements of `3, 4 and 5`: two or more.
pub(super) fn list(tokens: &[Token]) -> Result<Vec<Amount>, Declined> {
    let mut elements: Vec<Amount> = Vec::new();
    let mut rest = tokens;
    let (mut grouped, mut plain, mut spaced) = (false, false, false);
    // "one hundred and five" in a list may be two of its numbers.
    if tokens.iter().filter_map(Token::number).any(|n| n.and) {
        return Err(Declined::of("a number word with \"and\" may be two numbers"));
    }
    while !rest.is_empty() {
        let separator = |t: &Token| t.is(',') || t.is('&') || t.is_word("and") || t.is(';');
        let end = rest.iter().position(separator).unwrap_or(rest.len());
        let element = &rest[..end];
        elements.push(operand(element)?);
        let commas = element.iter().filter_map(Token::number).any(|n| n.grouped);
        grouped |= commas;
        plain |= !commas;
        let mut next = end;
        while next < rest.len() && separator(&rest[next]) && next < end + 2 {
            spaced |= rest[next].is(',') && rest.get(next + 1).is_some_and(|t| !t.glued_to(&rest[next]));
            next += 1;
        }
        if end < rest.len() && next == rest.len() {
            return Err(Declined::UNREAD);
        }
        rest = &rest[next..];
    }
    // "100,200 and 300": three numbers or two?
    if grouped && plain && !spaced {
        return Err(Declined::of("the commas may separate thousands or numbers"));
    }
    let money = elements.first().and_then(|e| e.money);
    if elements.len() < 2 || elements.iter().any(|e| e.money != money) {
        return Err(Declined::UNREAD);
    }
    Ok(elements)
}

fn joined(elements: &[Amount], sign: &str) -> String {
    let texts: Vec<String> = elements
        .iter()
        .enumerate()
        .map(|(i, e)| {
            if i > 0 && (e.text.starts_with('-') || e.text.contains(' ')) {
                format!("({})", e.text)
            } else {
                e.text.clone()
            }
        })
        .collect();
    texts.join(sign)
}

fn summed(elements: &[Amount]) -> Result<Q, Declined> {
    let mut work = Work::question();
    let mut total = int(0);
    for element in elements {
        work.spend(crate::number::bits(&total) + crate::number::bits(&element.value))?;
        total += &element.value;
        work.fits(crate::number::bits(&total))?;
    }
    Ok(total)
}

fn average(tokens: &[Token]) -> Result<Answer, Declined> {
    let elements = list(tokens)?;
    let sum = summed(&elements)?;
    let value = elements[0].with(sum / int(elements.len() as i64));
    let text = format!("({}) / {} {}", joined(&elements, " + "), elements.len(), value.equals());
    Ok(value.answer(text))
}

fn median(tokens: &[Token]) -> Result<Answer, Declined> {
    let mut elements = list(tokens)?;
    let listed = joined(&elements, ", ");
    elements.sort_by(|a, b| a.value.cmp(&b.value));
    let middle = elements.len() / 2;
    let value = if elements.len() % 2 == 1 {
        elements[middle].value.clone()
    } else {
        (&elements[middle - 1].value + &elements[middle].value) / int(2)
    };
    let value = elements[0].with(value);
    let text = format!("median({listed}) {}", value.equals());
    Ok(value.answer(text))
}

fn fold(tokens: &[Token], op: Op) -> Result<Answer, Declined> {
    let elements = list(tokens)?;
    if op == Op::Add {
        let value = elements[0].with(summed(&elements)?);
        return Ok(value.answer(format!("{} {}", joined(&elements, " + "), value.equals())));
    }
    if elements.iter().any(|e| e.money.is_some()) {
        return Err(Declined::UNREAD);
    }
    let expr = elements
        .iter()
        .map(|e| Expr::Num(e.value.clone()))
        .reduce(|a, b| Expr::bin(op, a, b));
    let value = expr
        .map(|e| eval(&e, &mut Work::question()))
        .ok_or(Declined::UNREAD)??;
    let value = elements[0].with(value.exact().cloned().ok_or(Declined::UNREAD)?);
    Ok(value.answer(format!("{} {}", joined(&elements, " × "), value.equals())))
}

fn pair(left: &[Token], right: &[Token], op: Op) -> Result<Answer, Declined> {
    operand(left)?;
    operand(right)?;
    let reading = crate::parse::Reading::default();
    let expr = Expr::bin(
        op,
        crate::parse::parse(left, reading)?,
        crate::parse::parse(right, reading)?,
    );
    super::arithmetic::answer_expr(&expr)
}

fn difference(left: &[Token], right: &[Token]) -> Result<Answer, Declined> {
    let (a, b) = (operand(left)?, operand(right)?);
    // The difference of 5 and 8 is 3 to most people and -3 to some.
    if a.value < b.value {
        pair(right, left, Op::Sub)
    } else {
        pair(left, right, Op::Sub)
    }
}

fn call(tokens: &[Token], function: Func) -> Result<Answer, Declined> {
    let inner = match tokens {
        [first, inner @ .., last] if first.is('(') && last.is(')') => inner,
        tokens => tokens,
    };
    let elements = list(inner)?;
    let arguments = elements.iter().map(|e| Expr::Num(e.value.clone())).collect();
    let value = eval(&Expr::Call(function, arguments), &mut Work::question())?;
    let value = elements[0].with(value.exact().cloned().ok_or(Declined::UNREAD)?);
    if value.money.is_some() && matches!(function, Func::Gcd | Func::Lcm) {
        return Err(Declined::UNREAD);
    }
    let name = Func::ALL
        .iter()
        .find(|(_, f)| *f == function)
        .map_or("", |(name, _)| name);
    Ok(value.answer(format!("{name}({}) {}", joined(&elements, ", "), value.equals())))
}
