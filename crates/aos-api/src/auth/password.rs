//! Password hashing with Argon2id, off the async threads and a few at a time, because each one holds its memory while it runs.

use crate::problem::Problem;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::collections::HashSet;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

pub const LENGTH_MIN: usize = 10;
pub const LENGTH_MAX: usize = 128;

/// Different characters that a password has at least.
const KINDS_MIN: usize = 5;
/// Different steps from one character to the next: `1234567890` has two of them.
const STEPS_MIN: usize = 3;
/// Shorter names of people are parts of words.
const NAME_LENGTH_MIN: usize = 4;
const HASHES_AT_ONCE: usize = 2;
const QUEUE_WAIT_MAX: Duration = Duration::from_secs(10);

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}

pub struct Passwords {
    hasher: Arc<Hasher>,
    turns: Arc<Semaphore>,
}

struct Hasher {
    argon: Argon2<'static>,
    /// Verified in place of the hash of an account that does not exist, so that both answers take the same time.
    nobody: OnceLock<String>,
}

impl Passwords {
    pub fn new(cost: PasswordCost) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .expect("the cost of a password hash is checked by the configuration");
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hasher = Hasher { argon, nobody: OnceLock::new() };
        Self { hasher: Arc::new(hasher), turns: Arc::new(Semaphore::new(HASHES_AT_ONCE)) }
    }

    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let password = password.to_owned();
        self.run(move |hasher| hasher.hash(&password)).await
    }

    /// Says whether the password is the account's. Takes as long for an account that does not exist.
    pub async fn verify(&self, password: &str, known_hash: Option<String>) -> Result<bool, Problem> {
        let password = password.to_owned();
        self.run(move |hasher| hasher.verify(&password, known_hash.as_deref())).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Hasher) -> T + Send + 'static) -> Result<T, Problem> {
        let busy = || Problem::unavailable("sign_in_busy", "too many people are signing in at this moment");
        let turn = tokio::time::timeout(QUEUE_WAIT_MAX, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| busy())?.map_err(|_| busy())?;
        let hasher = Arc::clone(&self.hasher);
        let work = tokio::task::spawn_blocking(move || {
            // Held until the memory is free again, also when the caller went away.
            let _turn = turn;
            work(&hasher)
        });
        work.await.map_err(|error| Problem::log_internal(&error))
    }
}

impl Hasher {
    fn hash(&self, password: &str) -> String {
        let hash = self.argon.hash_password(password.as_bytes());
        hash.expect("the parameters are valid and the system gives random numbers").to_string()
    }

    fn verify(&self, password: &str, known_hash: Option<&str>) -> bool {
        let nobody = self.nobody.get_or_init(|| self.hash("a password that nobody has"));
        let matches = PasswordHash::new(known_hash.unwrap_or(nobody))
            .is_ok_and(|hash| self.argon.verify_password(password.as_bytes(), &hash).is_ok());
        matches && known_hash.is_some()
    }
}

/// Refuses a password that is too easy to guess or too long to hash, as NIST SP 800-63B section 5.1.1.2 asks: no rules about kinds of
/// characters, but none that everybody tries, that says who one is, or that repeats itself.
pub fn check_strength(password: &str, email: &str) -> Result<(), Problem> {
    let length = password.chars().count();
    let detail = if length < LENGTH_MIN {
        format!("the password has {length} characters; at least {LENGTH_MIN} are needed")
    } else if length > LENGTH_MAX {
        format!("the password has {length} characters; at most {LENGTH_MAX} are allowed")
    } else if says_who(password, email) {
        "the password is made of the e-mail address".to_owned()
    } else if is_monotonous(password) {
        "the password repeats a few characters or follows their order".to_owned()
    } else if is_common(password) {
        "the password is one of those that are tried first, or is made of one of them and digits".to_owned()
    } else {
        return Ok(());
    };
    Err(Problem::unprocessable(
        "weak_password",
        detail,
        "choose another password, for example four words that have nothing to do with each other",
    ))
}

fn says_who(password: &str, email: &str) -> bool {
    let (password, email) = (password.to_lowercase(), email.trim().to_lowercase());
    let name = email.split('@').next().unwrap_or_default();
    password == email || (name.chars().count() >= NAME_LENGTH_MIN && core(&password) == core(name))
}

fn is_monotonous(password: &str) -> bool {
    let letters: Vec<u32> = password.to_lowercase().chars().map(u32::from).collect();
    let kinds: HashSet<u32> = letters.iter().copied().collect();
    let steps: HashSet<i64> = letters.windows(2).map(|pair| i64::from(pair[1]) - i64::from(pair[0])).collect();
    kinds.len() < KINDS_MIN || steps.len() < STEPS_MIN
}

fn is_common(password: &str) -> bool {
    static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());
    let password = password.to_lowercase();
    COMMON.contains(password.as_str()) || COMMON.contains(core(&password))
}

/// Returns what is left of a text without the digits and signs around it.
fn core(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, passes: 1, lanes: 1 };

    #[tokio::test]
    async fn a_password_opens_only_its_own_hash() {
        let passwords = Passwords::new(CHEAP);
        let hash = passwords.hash("four unrelated words").await.unwrap();
        assert!(passwords.verify("four unrelated words", Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("four unrelated word", Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_signs_in_with_the_password_of_nobody() {
        assert!(!Passwords::new(CHEAP).verify("a password that nobody has", None).await.unwrap());
    }

    #[tokio::test]
    async fn the_default_cost_is_written_into_the_hash() {
        let hash = Passwords::new(PasswordCost::default()).hash("four unrelated words").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{hash}");
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        let weak = [
            "short",
            &"x".repeat(129),
            "Someone@Acme.test",
            "2026-someone!",
            "aaaaaaaaaaaa",
            "abababababab",
            "123456789012",
            "abcdefghijklm",
            "qwertyuiop",
            "Password123!",
            "2024Dragonball",
        ];
        for weak in weak {
            let refused = check_strength(weak, "someone@acme.test").expect_err(weak);
            assert_eq!(refused.code(), "weak_password");
        }
        for strong in ["four unrelated words", "kx7-qpfm-93ab", "someone else likes tea"] {
            assert!(check_strength(strong, "someone@acme.test").is_ok(), "{strong}");
        }
    }
}
