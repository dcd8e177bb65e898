//! Street addresses as countries write them, and streets and numbers that are none.

use super::of;
use aos_ai::pii::Class;

fn addresses(text: &str) -> Vec<&str> {
    of(text, Class::Address)
}

#[test]
fn addresses_are_found_whole_in_the_order_of_their_country() {
    for address in [
        "Calle de Alcalá 45, 3º B, 28014 Madrid",
        "Calle Mayor, 5, 2º A, 28013 Madrid",
        "12345 Berlin, Lindenallee 77",
        "Rua Augusta 1500, São Paulo",
        "Piazza del Duomo 1, Milano",
        "Flat 3, 12 High Street",
        "Flat 3, 12 High Street, London SW1A 1AA",
        "Flat 5B, Sunrise Apartments, 14 Linking Road, Mumbai 400050",
        "Suite 200, 500 Bay Street, Toronto, ON M5H 2Y2",
        "742 Evergreen Terrace, Springfield",
        "48 Leicester Square, London",
        "4 Privet Drive, Little Whinging, Surrey",
        "Apt 12, 45 O'Connell Street, Dublin 1",
        "5 bis boulevard Haussmann, 75009 Paris, France",
        "Karl Johans gate 22, 0026 Oslo",
        "Václavské náměstí 1, 110 00 Praha",
        "1-2-3 Shibuya, Tokyo",
        "2-11-3 Meguro, Meguro-ku, Tokyo 153-0063",
        "東京都渋谷区1-2-3",
        "北京市海淀区中关村大街27号",
        "79/85, Pall Street, Madanapalle 579815",
        "rue Leroux, 36485 Chauvet",
        "Haagan pappilankatu 5, 64685 Valtimo",
    ] {
        assert_eq!(addresses(address), [address]);
        let sentence = format!("Ship it to {address}.");
        assert_eq!(addresses(&sentence), [address]);
    }
}

#[test]
fn an_address_ends_where_the_next_thing_begins() {
    for (text, address) in [
        ("He lives at 12 High Street, Peter said.", "12 High Street"),
        ("Ship to 12 High Street, Friday at noon", "12 High Street"),
        ("742 Evergreen Terrace, Springfield, and then left", "742 Evergreen Terrace, Springfield"),
        ("at 48 Leicester Square in London", "48 Leicester Square"),
        ("Deliver to 12 High Street, Mrs Jones opens", "12 High Street"),
    ] {
        assert_eq!(addresses(text), [address], "{text}");
    }
}

#[test]
fn chapters_years_and_things_with_the_word_of_a_street_are_no_addresses() {
    for text in [
        "Chapter 12 Main Street of thought",
        "Chapter 3 Road to Serfdom",
        "Section 5 Park rules",
        "In 2024 Wall Street rallied.",
        "In 2019 High Street sales fell",
        "Version 5 Gateway Drive support",
        "3 Gateway Drive slots",
        "Windows 11 Drive encryption",
        "Top 10 Places to visit",
        "The 5th Avenue shops",
        "Room 12, Building 4",
        "Bay 3 Drive shaft",
        "1-2-3 steps to success, Tokyo office",
        "score 1-2-3 Go",
        "2025-01-02 Tokyo, Japan",
        "On 12 March 2025, Berlin",
        "都市は3つある",
        "Kilowattpreis 0,0912 EUR",
        "DUNS 15-048-3782, VAT GB123456789",
        "pages 4/5, High Street news",
        "la place Vendôme, 12345 visiteurs",
    ] {
        assert_eq!(addresses(text), [""; 0], "{text}");
    }
}
