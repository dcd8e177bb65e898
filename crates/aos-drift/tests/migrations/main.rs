//! Migrations as vendors and teams make them, compared as a stranger would: two exports, the same records or others, values as messy as
//! real ones. What happened must be said with its kind and severity, the right repair must come first, and clean pairs must be silent.

mod choices;
mod clean;
mod desk;
mod few;
mod keys;
mod moves;
mod parts;
mod values;
