//! Forms, records and tables that stand in a text: a label says what the value behind or under it is.

use super::{found, of};
use aos_ai::pii::Class;

#[test]
fn a_name_in_the_field_of_a_form_or_record_is_found_although_no_list_knows_it() {
    for (text, names) in [
        ("First Name: Quillon\nLast Name: Vexley", &["Quillon", "Vexley"][..]),
        ("Vorname: Thessa\nNachname: Quantmeyer-Lüd", &["Thessa", "Quantmeyer-Lüd"]),
        ("Nom : Quesnoy\nPrénom : Ambroisine", &["Quesnoy", "Ambroisine"]),
        ("{\"first_name\": \"Xul\", \"last_name\": \"Orriso\"}", &["Xul", "Orriso"]),
        ("firstName=Xul&lastName=Orriso", &["Xul", "Orriso"]),
        ("LAST NAME: QUARN", &["QUARN"]),
    ] {
        assert_eq!(of(text, Class::PersonName), names, "{text}");
    }
    for text in [
        "First name:\nLast name:\n",
        "First name: required",
        "{\"name\": \"Checkout Service\", \"version\": \"2\"}",
        "Product name: Aurora Desk",
        "File name: Report",
        "Nom : Facture",
    ] {
        assert_eq!(of(text, Class::PersonName), [""; 0], "{text}");
    }
}

#[test]
fn a_cell_of_a_table_in_a_text_is_read_with_the_name_of_its_column() {
    let csv = "first_name,dob,phone,ssn\nXul,1970-05-21,5417543010,123456789\nVelm,1988-12-02,5417543011,123456780\n";
    let wanted = [
        (Class::PersonName, "Xul"),
        (Class::BirthDate, "1970-05-21"),
        (Class::Phone, "5417543010"),
        (Class::NationalId, "123456789"),
        (Class::PersonName, "Velm"),
        (Class::BirthDate, "1988-12-02"),
        (Class::Phone, "5417543011"),
        (Class::NationalId, "123456780"),
    ];
    assert_eq!(found(csv), wanted);
    let markdown = "| order | customer |\n|---|---|\n| 5417543010 | Jane Miller |\n";
    assert_eq!(found(markdown), [(Class::PersonName, "Jane Miller")]);
    assert_eq!(found("order;phone calls\n5417543010;3\n"), [], "the column beside it says nothing about a number");
}
