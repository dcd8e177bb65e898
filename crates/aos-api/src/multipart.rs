//! A form with files (`multipart/form-data`, RFC 7578) that has been read whole: its parts, without a copy of their bytes. How large the whole
//! may be is decided before it is read.

use crate::problem::Problem;
use axum::body::Bytes;
use axum::http::HeaderValue;

/// Parts of a form at most.
const PARTS_MAX: usize = 100;
/// The longest head of a part.
const HEAD_BYTES_MAX: usize = 8 * 1024;
const BOUNDARY_BYTES_MAX: usize = 70;

/// A field or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// Of files only.
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Bytes,
}

/// Returns what stands between the parts, when a body says that it is a form with files.
pub fn boundary(kind: Option<&HeaderValue>) -> Option<String> {
    let kind = kind?.to_str().ok()?;
    let (name, parameters) = kind.split_once(';')?;
    if !name.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameter(parameters, "boundary").filter(|boundary| (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()))
}

/// Takes a form apart.
///
/// # Errors
/// `invalid_form` for what has another form, or more parts than are taken.
pub fn parts(body: &Bytes, boundary: &str) -> Result<Vec<Part>, Problem> {
    let invalid = |what: &str| {
        Problem::bad_request(
            "invalid_form",
            format!("the form cannot be read: {what}"),
            "send it as browsers and curl -F do",
        )
    };
    let mark = [b"--", boundary.as_bytes()].concat();
    let between = [b"\r\n", mark.as_slice()].concat();
    // Whatever stands in front of the first mark says nothing.
    let first = find(body, &mark).ok_or_else(|| invalid("its boundary does not stand in it"))?;
    let mut at = first + mark.len();
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            return Ok(parts);
        }
        let head = at + find(&body[at..], b"\r\n").ok_or_else(|| invalid("it ends early"))? + 2;
        let window = &body[head..body.len().min(head + HEAD_BYTES_MAX)];
        let length = find(window, b"\r\n\r\n").ok_or_else(|| invalid("a part has no end of its head"))?;
        let content = head + length + 4;
        let end = content + find(&body[content..], &between).ok_or_else(|| invalid("its last boundary is missing"))?;
        if parts.len() == PARTS_MAX {
            return Err(invalid("it has more than 100 parts"));
        }
        let said = std::str::from_utf8(&window[..length]).map_err(|_| invalid("the head of a part is not UTF-8"))?;
        parts.push(part(said, body.slice(content..end)).ok_or_else(|| invalid("a part has no name"))?);
        at = end + between.len();
    }
}

fn part(head: &str, bytes: Bytes) -> Option<Part> {
    let header = |name: &str| {
        head.split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
    };
    let (_, disposition) = header("content-disposition")?;
    let (_, parameters) = disposition.split_once(';')?;
    Some(Part {
        name: parameter(parameters, "name")?,
        // Some senders name the whole path.
        file_name: parameter(parameters, "filename")
            .map(|name| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()),
        content_type: header("content-type").map(|(_, kind)| kind.trim().to_owned()),
        bytes,
    })
}

/// Reads `name=value` and `name="value"` out of a list that `;` parts. Browsers write a quotation mark in a value as `%22`.
fn parameter(list: &str, name: &str) -> Option<String> {
    let mut rest = list;
    while let Some((key, after)) = rest.split_once('=') {
        let (value, next) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(';').map_or((after, ""), |(value, next)| (value, next)),
        };
        if key.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(name) {
            return Some(value.trim().replace("%22", "\"").replace("%0D", " ").replace("%0A", " "));
        }
        rest = next;
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "before\r\n--xyz\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\npolicy\r\n--xyz\r\n\
        content-disposition: form-data; name=file; filename=\"C:\\notes\\a %22b%22; c.md\"\r\nContent-Type: text/markdown\r\n\r\n# A\r\n--xy\r\n\r\n--xyz--\r\n";

    #[test]
    fn a_form_is_its_fields_and_files_to_the_byte() {
        let kind = HeaderValue::from_static("Multipart/Form-Data; charset=utf-8; boundary=\"xyz\"");
        let found = parts(&Bytes::from_static(FORM.as_bytes()), &boundary(Some(&kind)).unwrap()).unwrap();
        assert_eq!((found[0].name.as_str(), &found[0].file_name, &*found[0].bytes), ("tags", &None, &b"policy"[..]));
        assert_eq!(found[1].file_name.as_deref(), Some("a \"b\"; c.md"));
        assert_eq!(found[1].content_type.as_deref(), Some("text/markdown"));
        assert_eq!(&*found[1].bytes, b"# A\r\n--xy\r\n", "what only begins like a boundary belongs to the file");
    }

    #[test]
    fn what_is_no_form_is_refused_and_not_guessed_at() {
        for broken in [
            "",
            "--xyz",
            "--xyz\r\n",
            "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nno end",
            "--xyz\r\nX: y\r\n\r\n1\r\n--xyz--",
        ] {
            let refused = parts(&Bytes::from_static(broken.as_bytes()), "xyz").unwrap_err();
            assert_eq!(refused.code(), "invalid_form", "{broken:?}");
        }
        let many = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n".repeat(101) + "--x--";
        assert_eq!(parts(&Bytes::from(many), "x").unwrap_err().code(), "invalid_form");
        for kind in
            ["application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"]
        {
            assert_eq!(boundary(Some(&HeaderValue::from_static(kind))), None, "{kind}");
        }
    }
}
