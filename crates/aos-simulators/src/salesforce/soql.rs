//! The part of SOQL that reads of one object need: fields, conditions with AND, OR, NOT and brackets, order, limit, offset.

use super::failure::Failure;

#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    pub fields: Fields,
    pub object: String,
    pub condition: Option<Condition>,
    pub order: Vec<Order>,
    pub limit: Option<usize>,
    pub offset: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fields {
    Named(Vec<String>),
    /// `COUNT()`
    Count,
    /// `FIELDS(ALL)`, `FIELDS(STANDARD)`, `FIELDS(CUSTOM)`
    Group(String),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    Compare { field: String, operator: Operator, value: Literal },
    In { field: String, values: Vec<Literal>, negated: bool },
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    Text(String),
    /// A number, date, time or truth, as it stands.
    Bare(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub field: String,
    pub descending: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Sign(&'static str),
}

const SIGNS: &[&str] = &["<=", ">=", "!=", "<>", "=", "<", ">", ",", "(", ")"];
/// Salesforce refuses longer statements.
const CHARS_MAX: usize = 100_000;
const DEPTH_MAX: usize = 20;

pub fn parse(soql: &str) -> Result<Select, Failure> {
    if soql.len() > CHARS_MAX {
        return Err(Failure::malformed("SOQL statement is longer than 100,000 characters"));
    }
    let mut parser = Parser { tokens: tokens(soql)?, at: 0 };
    let select = parser.select()?;
    match parser.tokens.get(parser.at) {
        None => Ok(select),
        Some(token) => Err(Failure::malformed(format!("unexpected token: '{}'", shown(token)))),
    }
}

fn tokens(soql: &str) -> Result<Vec<Token>, Failure> {
    let mut tokens = Vec::new();
    let mut rest = soql.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (text, after) = quoted(&rest[1..])?;
            tokens.push(Token::Quoted(text));
            rest = after;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let is_part = |letter: char| letter.is_alphanumeric() || "_.:+-".contains(letter);
            let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            if end == 0 {
                return Err(Failure::malformed(format!("line 1: unexpected character '{first}'")));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// Reads up to the closing quote; a backslash takes the next character as it is.
fn quoted(rest: &str) -> Result<(String, &str), Failure> {
    let mut text = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Ok((text, &rest[at + 1..])),
            '\\' => match letters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, other)) => text.push(other),
                None => break,
            },
            other => text.push(other),
        }
    }
    Err(Failure::malformed("unterminated string literal"))
}

fn shown(token: &Token) -> &str {
    match token {
        Token::Word(text) | Token::Quoted(text) => text,
        Token::Sign(sign) => sign,
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn select(&mut self) -> Result<Select, Failure> {
        self.expect("SELECT")?;
        let fields = self.fields()?;
        self.expect("FROM")?;
        let object = self.word()?;
        let condition = if self.takes("WHERE") { Some(self.either(0)?) } else { None };
        let order = if self.takes("ORDER") { self.order()? } else { Vec::new() };
        let limit = if self.takes("LIMIT") { Some(self.count()?) } else { None };
        let offset = if self.takes("OFFSET") { self.count()? } else { 0 };
        Ok(Select { fields, object, condition, order, limit, offset })
    }

    fn fields(&mut self) -> Result<Fields, Failure> {
        let mut names = vec![self.word()?];
        if self.sign("(") {
            let group = if self.sign(")") { None } else { Some(self.word()?) };
            let name = names.remove(0).to_uppercase();
            return match (name.as_str(), group) {
                ("COUNT", None) => Ok(Fields::Count),
                ("FIELDS", Some(group)) if self.sign(")") => Ok(Fields::Group(group.to_uppercase())),
                _ => Err(Failure::malformed(format!("unexpected token: '{name}'"))),
            };
        }
        while self.sign(",") {
            names.push(self.word()?);
        }
        Ok(Fields::Named(names))
    }

    fn either(&mut self, depth: usize) -> Result<Condition, Failure> {
        let mut any = vec![self.both(depth)?];
        while self.takes("OR") {
            any.push(self.both(depth)?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Condition::Or(any) })
    }

    fn both(&mut self, depth: usize) -> Result<Condition, Failure> {
        let mut all = vec![self.term(depth)?];
        while self.takes("AND") {
            all.push(self.term(depth)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::And(all) })
    }

    fn term(&mut self, depth: usize) -> Result<Condition, Failure> {
        if depth > DEPTH_MAX {
            return Err(Failure::malformed("too many nested conditions"));
        }
        if self.takes("NOT") {
            return Ok(Condition::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.sign("(") {
            let inside = self.either(depth + 1)?;
            return if self.sign(")") { Ok(inside) } else { Err(self.unexpected()) };
        }
        let field = self.word()?;
        let negated = self.takes("NOT");
        if self.takes("IN") {
            return Ok(Condition::In { field, values: self.values()?, negated });
        }
        let operator = match self.next() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("!=" | "<>")) => Operator::NotEqual,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::LessOrEqual,
            Some(Token::Sign(">")) => Operator::Greater,
            Some(Token::Sign(">=")) => Operator::GreaterOrEqual,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        Ok(Condition::Compare { field, operator, value: self.value()? })
    }

    fn values(&mut self) -> Result<Vec<Literal>, Failure> {
        if !self.sign("(") {
            return Err(self.unexpected());
        }
        let mut values = vec![self.value()?];
        while self.sign(",") {
            values.push(self.value()?);
        }
        if self.sign(")") { Ok(values) } else { Err(self.unexpected()) }
    }

    fn value(&mut self) -> Result<Literal, Failure> {
        match self.next() {
            Some(Token::Quoted(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("null") => Ok(Literal::Null),
            Some(Token::Word(word)) => Ok(Literal::Bare(word)),
            _ => Err(self.unexpected()),
        }
    }

    fn order(&mut self) -> Result<Vec<Order>, Failure> {
        self.expect("BY")?;
        let mut order = Vec::new();
        loop {
            let field = self.word()?;
            let descending = !self.takes("ASC") && self.takes("DESC");
            if self.takes("NULLS") && !self.takes("FIRST") {
                self.expect("LAST")?;
            }
            order.push(Order { field, descending });
            if !self.sign(",") {
                return Ok(order);
            }
        }
    }

    fn count(&mut self) -> Result<usize, Failure> {
        let word = self.word()?;
        word.parse().map_err(|_| Failure::malformed(format!("unexpected token: '{word}'")))
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn word(&mut self) -> Result<String, Failure> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(self.unexpected()),
        }
    }

    fn takes(&mut self, keyword: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, keyword: &str) -> Result<(), Failure> {
        if self.takes(keyword) { Ok(()) } else { Err(Failure::malformed(format!("expecting '{keyword}'"))) }
    }

    /// What was found where something else was wanted: the last token that was looked at.
    fn unexpected(&self) -> Failure {
        match self.tokens.get(self.at.saturating_sub(1)) {
            Some(token) => Failure::malformed(format!("unexpected token: '{}'", shown(token))),
            None => Failure::malformed("unexpected end of statement"),
        }
    }
}
