//! Prints the description of the API: `cargo run -p aos-api --example openapi > openapi.json`.

fn main() {
    println!("{}", aos_api::openapi_json());
}
