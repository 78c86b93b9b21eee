//! Formulas of the membrane voltage: `0.5*(1 + tanh((v + 1.2)/18))`.
//!
//! Numbers, `v` (in mV), parameters by name, `+ - * / ^`, parentheses and functions of one argument. `^` binds tightest
//! and to the right, then the sign, so `-x^2` is `-(x^2)`. A formula gives its value together with its derivative with
//! respect to `v`, by dual numbers.
//!
//! Ours: libraries at hand read `-x^2` as `(-x)^2`, which would turn the bell curve of many a time constant upside down.

use std::fmt;

use crate::gates::{linoid, linoid_slope};

/// A formula that can be evaluated at any voltage.
#[derive(Clone, PartialEq)]
pub struct Formula {
    text: String,
    code: Vec<Op>,
}

/// One step of a stack machine.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Op {
    Number(f64),
    Voltage,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Negate,
    Call(Function),
}

/// A function of one argument.
#[derive(Debug, Clone, Copy)]
struct Function {
    name: &'static str,
    /// Value and derivative.
    of: fn(f64) -> (f64, f64),
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The functions a formula may use.
const FUNCTIONS: &[Function] = &[
    Function { name: "exp", of: |x| (x.exp(), x.exp()) },
    Function { name: "ln", of: |x| (x.ln(), 1.0 / x) },
    Function { name: "sqrt", of: |x| (x.sqrt(), 0.5 / x.sqrt()) },
    Function { name: "abs", of: |x| (x.abs(), if x == 0.0 { 0.0 } else { x.signum() }) },
    Function { name: "tanh", of: |x| (x.tanh(), 1.0 - x.tanh() * x.tanh()) },
    Function { name: "sinh", of: |x| (x.sinh(), x.cosh()) },
    Function { name: "cosh", of: |x| (x.cosh(), x.sinh()) },
    Function { name: "linoid", of: |x| (linoid(x), linoid_slope(x)) },
    Function { name: "sigmoid", of: sigmoid },
];

/// Names that stand for numbers.
const CONSTANTS: &[(&str, f64)] = &[("pi", std::f64::consts::PI), ("e", std::f64::consts::E)];

/// Deepest nesting of parentheses and signs.
const MAX_DEPTH: usize = 64;
/// Longest formula, in characters.
const MAX_LENGTH: usize = 2000;

fn sigmoid(x: f64) -> (f64, f64) {
    // Of the smaller exponential, so that neither side overflows.
    let small = (-x.abs()).exp();
    let tail = small / (1.0 + small);
    let value = if x < 0.0 { tail } else { 1.0 / (1.0 + small) };
    (value, small / ((1.0 + small) * (1.0 + small)))
}

/// What is wrong with a formula, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} (character {place} of `{formula}`)")]
pub struct FormulaError {
    /// What is wrong.
    pub what: String,
    /// Character, from 1.
    pub place: usize,
    /// The formula.
    pub formula: String,
}

impl Formula {
    /// Whether formulas give a meaning to a name by themselves, so that no parameter can have it: the voltage, constants,
    /// functions.
    pub fn gives_meaning_to(name: &str) -> bool {
        name == "v"
            || CONSTANTS.iter().any(|(constant, _)| *constant == name)
            || FUNCTIONS.iter().any(|function| function.name == name)
    }

    /// Reads a formula; `parameters` are names and their values.
    ///
    /// # Errors
    /// What is wrong first, and where.
    ///
    /// # Examples
    /// ```
    /// # use qhh_core::gating::Formula;
    /// let steady = Formula::new("0.5*(1 + tanh((v - v1)/18))", &[("v1", -1.2)])?;
    /// assert_eq!(steady.at(-1.2).0, 0.5);
    /// assert_eq!(Formula::new("-2^2", &[])?.at(0.0).0, -4.0);
    /// # Ok::<(), qhh_core::gating::FormulaError>(())
    /// ```
    pub fn new(text: &str, parameters: &[(&str, f64)]) -> Result<Self, FormulaError> {
        let mut reader = Reader { text, at: 0, depth: 0, parameters, code: Vec::new() };
        if text.chars().count() > MAX_LENGTH {
            return Err(FormulaError {
                what: format!("a formula has at most {MAX_LENGTH} characters"),
                place: MAX_LENGTH + 1,
                formula: text.chars().take(40).collect(),
            });
        }
        reader.sum()?;
        reader.space();
        if reader.at < text.len() {
            return Err(reader.wrong("expected an operator or the end"));
        }
        Ok(Self { text: text.to_owned(), code: reader.code })
    }

    /// A formula that is one number.
    pub fn constant(value: f64) -> Self {
        Self { text: value.to_string(), code: vec![Op::Number(value)] }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it has the same value at every voltage.
    pub fn is_constant(&self) -> bool {
        !self.code.contains(&Op::Voltage)
    }

    /// What two formulas have in common that are the same once parameters are in place.
    pub(crate) fn signature(&self) -> String {
        let word = |op: &Op| match op {
            Op::Number(value) => format!("{:x}", value.to_bits()),
            Op::Call(function) => function.name.to_owned(),
            other => format!("{other:?}"),
        };
        self.code.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// Value and derivative at a voltage in mV, in 1/mV.
    ///
    /// At a removable singularity, such as that of `v/(1 - exp(-v))` at 0, the mean of both sides.
    pub fn at(&self, millivolts: f64) -> (f64, f64) {
        /// Where a quotient of two zeros is looked at instead, in mV: its mean is off by the square, as a part of the
        /// curvature over a millivolt.
        const ASIDE: f64 = 1e-4;
        let here = self.evaluated(millivolts);
        if here.0.is_finite() && here.1.is_finite() {
            return here;
        }
        let beside = |aside: f64| (self.evaluated(millivolts - aside).0, self.evaluated(millivolts + aside).0);
        let ((below, above), (lower, upper)) = (beside(ASIDE), beside(2.0 * ASIDE));
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-2 * a.abs().max(b.abs());
        if near(below, above) && near(below, lower) && near(above, upper) {
            (0.5 * (below + above), (above - below) / (2.0 * ASIDE))
        } else {
            here
        }
    }

    /// In the notation of another program: `voltage` stands for `v`, and `call` writes a function with its arguments, all
    /// of them in parentheses where that matters; a power is the function `pow` of two.
    pub fn written(&self, voltage: &str, call: &dyn Fn(&str, &[String]) -> String) -> String {
        let mut stack: Vec<String> = Vec::new();
        for op in &self.code {
            let mut pop = || stack.pop().unwrap_or_default();
            let top = match op {
                Op::Number(value) if *value < 0.0 => format!("({value})"),
                Op::Number(value) => value.to_string(),
                Op::Voltage => voltage.to_owned(),
                Op::Negate => format!("(-{})", pop()),
                Op::Call(function) => call(function.name, &[pop()]),
                binary => {
                    let (b, a) = (pop(), pop());
                    match binary {
                        Op::Add => format!("({a}+{b})"),
                        Op::Subtract => format!("({a}-{b})"),
                        Op::Multiply => format!("({a}*{b})"),
                        Op::Divide => format!("({a}/{b})"),
                        _ => call("pow", &[a, b]),
                    }
                }
            };
            stack.push(top);
        }
        stack.pop().unwrap_or_default()
    }

    /// Value and derivative of everything that the formula divides by or takes the logarithm of, at a voltage in mV: where
    /// none is 0, it has no pole. As many at every voltage.
    pub(super) fn divisors(&self, millivolts: f64) -> Vec<(f64, f64)> {
        let mut divisors = Vec::new();
        self.walked(millivolts, &mut |divisor| divisors.push(divisor));
        divisors
    }

    fn evaluated(&self, millivolts: f64) -> (f64, f64) {
        self.walked(millivolts, &mut |_| {})
    }

    /// Value and derivative; `divides` takes in each divisor on the way.
    fn walked(&self, millivolts: f64, divides: &mut dyn FnMut((f64, f64))) -> (f64, f64) {
        let mut stack: Vec<(f64, f64)> = Vec::with_capacity(16);
        for op in &self.code {
            let top = match op {
                Op::Number(value) => (*value, 0.0),
                Op::Voltage => (millivolts, 1.0),
                Op::Negate => {
                    let (x, dx) = stack.pop().unwrap_or_default();
                    (-x, -dx)
                }
                Op::Call(function) => {
                    let (x, dx) = stack.pop().unwrap_or_default();
                    if function.name == "ln" {
                        divides((x, dx));
                    }
                    let (value, slope) = (function.of)(x);
                    // What is flat stays flat, at whatever slope.
                    (value, if dx == 0.0 { 0.0 } else { slope * dx })
                }
                binary => {
                    let (b, db) = stack.pop().unwrap_or_default();
                    let (a, da) = stack.pop().unwrap_or_default();
                    match binary {
                        Op::Divide => divides((b, db)),
                        Op::Power => divides((a, da)),
                        _ => {}
                    }
                    match binary {
                        Op::Add => (a + b, da + db),
                        Op::Subtract => (a - b, da - db),
                        Op::Multiply => (a * b, a * db + da * b),
                        // Below an exponential that is out of range nothing is left, and nothing of its slope.
                        Op::Divide if b.is_infinite() && a.is_finite() => (0.0, 0.0),
                        Op::Divide => (a / b, (da - a / b * db) / b),
                        _ => power((a, da), (b, db)),
                    }
                }
            };
            stack.push(top);
        }
        stack.pop().unwrap_or_default()
    }
}

fn power((a, da): (f64, f64), (b, db): (f64, f64)) -> (f64, f64) {
    let value = a.powf(b);
    let by_base = if da == 0.0 || b == 0.0 { 0.0 } else { b * a.powf(b - 1.0) * da };
    let by_exponent = if db == 0.0 { 0.0 } else { value * a.ln() * db };
    (value, by_base + by_exponent)
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text)
    }
}

/// Recursive descent: sums of products of signed powers.
struct Reader<'a> {
    text: &'a str,
    /// Byte.
    at: usize,
    depth: usize,
    parameters: &'a [(&'a str, f64)],
    code: Vec<Op>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn next(&mut self) -> Option<char> {
        self.space();
        self.rest().chars().next()
    }

    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let found = self.next().filter(|c| wanted.contains(c))?;
        self.at += found.len_utf8();
        Some(found)
    }

    fn wrong(&self, what: impl Into<String>) -> FormulaError {
        let place = self.text[..self.at].chars().count() + 1;
        FormulaError { what: what.into(), place, formula: self.text.to_owned() }
    }

    fn sum(&mut self) -> Result<(), FormulaError> {
        self.product()?;
        while let Some(sign) = self.take(&['+', '-']) {
            self.product()?;
            self.code.push(if sign == '+' { Op::Add } else { Op::Subtract });
        }
        Ok(())
    }

    fn product(&mut self) -> Result<(), FormulaError> {
        self.signed()?;
        while let Some(sign) = self.take(&['*', '/']) {
            if sign == '*' && self.rest().starts_with('*') {
                return Err(self.wrong("write powers with `^`"));
            }
            self.signed()?;
            self.code.push(if sign == '*' { Op::Multiply } else { Op::Divide });
        }
        Ok(())
    }

    fn signed(&mut self) -> Result<(), FormulaError> {
        match self.take(&['+', '-']) {
            Some(sign) => {
                self.deeper(Self::signed)?;
                if sign == '-' {
                    self.code.push(Op::Negate);
                }
                Ok(())
            }
            None => self.power(),
        }
    }

    fn power(&mut self) -> Result<(), FormulaError> {
        self.atom()?;
        if self.take(&['^']).is_some() {
            self.deeper(Self::signed)?;
            self.code.push(Op::Power);
        }
        Ok(())
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<(), FormulaError>) -> Result<(), FormulaError> {
        if self.depth == MAX_DEPTH {
            return Err(self.wrong(format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        read(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn atom(&mut self) -> Result<(), FormulaError> {
        match self.next() {
            None => Err(self.wrong("the formula ends where a value is expected")),
            Some('(') => {
                self.at += 1;
                self.deeper(Self::sum)?;
                self.closed()
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            Some(c) => Err(self.wrong(format!("`{c}` stands where a value is expected"))),
        }
    }

    fn closed(&mut self) -> Result<(), FormulaError> {
        if self.take(&[')']).is_some() { Ok(()) } else { Err(self.wrong("expected `)`")) }
    }

    fn number(&mut self) -> Result<(), FormulaError> {
        let rest = self.rest();
        let digits = |from: usize| from + rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let mut end = digits(0);
        if rest[end..].starts_with('.') {
            end = digits(end + 1);
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        let value = rest[..end].parse::<f64>().ok().filter(|value| value.is_finite());
        let Some(value) = value else { return Err(self.wrong("this is no number")) };
        self.at += end;
        self.code.push(Op::Number(value));
        Ok(())
    }

    fn word(&mut self) -> Result<(), FormulaError> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = rest[..length].to_owned();
        let start = self.at;
        self.at += length;
        if self.next() == Some('(') {
            let Some(function) = FUNCTIONS.iter().find(|function| function.name == word) else {
                self.at = start;
                let known: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
                return Err(self.wrong(format!("there is no function `{word}`: known are {}", known.join(", "))));
            };
            self.at += 1;
            self.deeper(Self::sum)?;
            self.closed()?;
            self.code.push(Op::Call(*function));
            return Ok(());
        }
        let constant = || CONSTANTS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        let parameter = self.parameters.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if word == "v" {
            self.code.push(Op::Voltage);
        } else if let Some(value) = parameter.or_else(constant) {
            self.code.push(Op::Number(value));
        } else {
            self.at = start;
            let mut known = vec!["`v` (the voltage in mV)".to_owned()];
            known.extend(self.parameters.iter().map(|(name, _)| format!("`{name}`")));
            return Err(self.wrong(format!("`{word}` stands for nothing: known are {}", known.join(", "))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        Formula::new(text, &[("a", 3.0)]).unwrap().at(2.0).0
    }

    #[test]
    fn operators_bind_as_in_print() {
        for (text, expected) in [
            ("-v^2", -4.0),
            ("2^-1", 0.5),
            ("2^3^2", 512.0),
            ("8/2/2", 2.0),
            ("1 - 2 - 3", -4.0),
            ("-a*-v", 6.0),
            ("2*(v + a)^2", 50.0),
            ("exp(-((v - 2)/10)^2)", 1.0),
            ("1.5e1 + .5", 15.5),
            ("-(v)^2/-4", 1.0),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for text in [
            "0.1*linoid((v+55)/10)",
            "0.125*exp(-(v+65)/80)",
            "1/(1 + exp(-(v+35)/10))",
            "sigmoid((v+35)/10)",
            "0.04*cosh((v-2)/60)*(1+tanh((v-2)/30))/2",
            "exp(-((v+40)/25)^2) + v^3/1000 - 2^(v/50)",
            "sqrt(1 + (v/20)^2)*ln(200 + v)/sinh(3 + v/200)",
        ] {
            let formula = Formula::new(text, &[]).unwrap();
            for k in -139..140 {
                let v = f64::from(k) + 0.3;
                let h = 1e-3;
                let of = |shift: f64| formula.at(v + shift).0;
                let slope = (8.0 * (of(h) - of(-h)) - (of(2.0 * h) - of(-2.0 * h))) / (12.0 * h);
                let told = formula.at(v).1;
                assert!((told - slope).abs() < 1e-9 * (1.0 + slope.abs()), "{text} at {v}: {told} and {slope}");
            }
        }
    }

    #[test]
    fn a_removable_singularity_is_continued() {
        let quotient = Formula::new("0.1*(v+55)/(1 - exp(-(v+55)/10))", &[]).unwrap();
        let (value, slope) = quotient.at(-55.0);
        assert!((value - 1.0).abs() < 1e-9 && (slope - 0.05).abs() < 1e-6, "{value} {slope}");
        for pole in ["1/(v + 3)", "1/(v + 3)^2"] {
            assert!(!Formula::new(pole, &[]).unwrap().at(-3.0).0.is_finite(), "{pole}");
        }
        assert!(Formula::new("ln(v)", &[]).unwrap().at(-3.0).0.is_nan());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, place, what) in [
            ("1 + foo(v)", 5, "no function `foo`"),
            ("2*w", 3, "`w` stands for nothing"),
            ("(v + 1", 7, "expected `)`"),
            ("v 2", 3, "expected an operator"),
            ("", 1, "ends"),
            ("2**3", 3, "`^`"),
            ("1 + ) ", 5, "value is expected"),
        ] {
            let error = Formula::new(text, &[("a", 1.0)]).unwrap_err();
            assert!(error.place == place && error.what.contains(what), "{text}: {error}");
        }
        assert!(Formula::new(&"(".repeat(500), &[]).is_err());
        assert!(Formula::new(&"-".repeat(1500), &[]).is_err());
    }
}
