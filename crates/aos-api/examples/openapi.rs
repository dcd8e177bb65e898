//! Prints the description of the API: `cargo run -p aos-api --example openapi > openapi.json`.

fn main() {
    let json = aos_api::openapi().to_pretty_json().expect("a description is always JSON");
    println!("{json}");
}
