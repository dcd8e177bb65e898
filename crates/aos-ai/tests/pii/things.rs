//! Numbers of things, and what a number is called: the word in front of it decides, whatever else the text speaks of.

use super::{found, kinds, of};
use aos_ai::pii::Class;

#[test]
fn the_nearest_label_says_what_a_number_is() {
    for text in [
        "Call us about order 5551234567.",
        "the call about invoice 9175550142 is done",
        "please phone when parcel no. 4155550123 arrives",
        "Ihr Anruf zur Kundennummer 0301234567",
        "credit for order 4111111111111111",
        "social security case 536904399",
        "The insurance policy number is A123456789.",
        "Please call: file 2025-4410 is open",
        "{\"phone\": null, \"order\": {\"number\": \"4155550123\"}}",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    for (text, class, value) in [
        ("about your order: call 5551234567", Class::Phone, "5551234567"),
        ("my number is 2125550188", Class::Phone, "2125550188"),
        ("Order 77 is late, reach me at 212-555-0188", Class::Phone, "212-555-0188"),
        ("the order was paid by card 4111111111111111", Class::CreditCard, "4111111111111111"),
        ("Order 77, SSN 536-90-4399", Class::NationalId, "536-90-4399"),
    ] {
        assert_eq!(found(text), [(class, value)], "{text}");
    }
    assert_eq!(kinds("US passport 512345678"), [(Class::NationalId, "us_passport", "512345678")]);
}

#[test]
fn numbers_beside_letters_without_spaces_are_found() {
    for (text, class, value) in [
        ("身份证号360426199101010071", Class::NationalId, "360426199101010071"),
        ("我的身份证号码是360426199101010072。", Class::NationalId, "360426199101010072"),
        ("护照号码：E12345678", Class::NationalId, "E12345678"),
        ("请拨打手机13812345678联系", Class::Phone, "13812345678"),
        ("電話は03-1234-5678です", Class::Phone, "03-1234-5678"),
        ("联系人：王小明", Class::PersonName, "王小明"),
        ("我是王小明先生", Class::PersonName, "王小明"),
        ("担当者は田中太郎様", Class::PersonName, "田中太郎"),
        ("김민수님", Class::PersonName, "김민수"),
        ("住所は東京都渋谷区神南1丁目2番3号です", Class::Address, "東京都渋谷区神南1丁目2番3号"),
    ] {
        assert_eq!(of(text, class), [value], "{text}");
    }
    for text in ["订单号20250314000123", "注文番号は12345678です", "お客様各位", "皆様へ", "共3个文件12345678字节"]
    {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn cells_of_a_list_with_commas_are_whole_and_amounts_are_none() {
    assert_eq!(of("45,536-90-4399,1970-05-21", Class::NationalId), ["536-90-4399"]);
    for text in ["1.234.567,89 EUR", "12,345,678,901 requests", "3,141592653", "52,5200080 Grad", "0.97 / (0.03 / 100)"]
    {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_network_is_nobodys_and_a_machine_in_it_is_somebodys() {
    assert_eq!(of("lease 10.20.30.41/24", Class::IpAddress), ["10.20.30.41"]);
    assert_eq!(of("host 2001:db8::8a2e:370:7334/64", Class::IpAddress), ["2001:db8::8a2e:370:7334"]);
    for text in ["allow 10.0.0.0/8", "route 203.0.113.0/24", "netmask 255.255.255.0", "prefix 2001:db8::/32"] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn passwords_are_found_whole_also_with_signs_and_spaces() {
    for (text, value) in [
        ("the staging password is Tr0ub4dor&3!", "Tr0ub4dor&3!"),
        ("password: \"correct horse battery staple\"", "correct horse battery staple"),
        ("pwd=hunter2,x", "hunter2"),
        ("mot de passe : Soleil2024!", "Soleil2024!"),
        ("?token=q7Zr81LmPd02&next=1", "q7Zr81LmPd02"),
    ] {
        assert_eq!(of(text, Class::Secret), [value], "{text}");
    }
    assert_eq!(of("GET /?mail=jane%40example.org&x=1", Class::Email), ["jane%40example.org"]);
}

#[test]
fn a_date_is_of_birth_only_where_nothing_nearer_says_otherwise() {
    assert_eq!(of("born in Leeds, hired on 12.04.2020", Class::BirthDate), [""; 0]);
    assert_eq!(of("hired in 2020, born on 12.04.1980", Class::BirthDate), ["12.04.1980"]);
}
