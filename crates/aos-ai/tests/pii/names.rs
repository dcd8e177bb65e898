//! Names of persons and organizations, and words that only look like them.

use super::of;
use aos_ai::pii::Class;

fn persons(text: &str) -> Vec<&str> {
    of(text, Class::PersonName)
}

fn organizations(text: &str) -> Vec<&str> {
    of(text, Class::Organization)
}

#[test]
fn whoever_says_their_name_is_found_also_in_small_letters() {
    for (text, name) in [
        ("my name is kofi mensah and I need help", "kofi mensah"),
        ("hi, i'm jane from accounting", "jane"),
        ("i am maria lopez, the tenant", "maria lopez"),
        ("Full name: kofi mensah", "kofi mensah"),
        ("you can call me Bob", "Bob"),
        ("je m'appelle claire dubois", "claire dubois"),
        ("hola, me llamo ramiro dávila", "ramiro dávila"),
        ("i am crystal mitchell from billing", "crystal mitchell"),
        ("i am michael burns, the owner", "michael burns"),
        ("me llamo ana maría ruiz", "ana maría ruiz"),
        ("ich heiße jürgen müller", "jürgen müller"),
        ("mi chiamo luca rossi", "luca rossi"),
        ("my name is Nguyen Van An", "Nguyen Van An"),
    ] {
        assert_eq!(persons(text), [name], "{text}");
    }
    for text in [
        "my name is mud",
        "my name is on the list",
        "my name is spelled wrong.",
        "My name is not there.",
        "i'm sorry about this",
        "i am happy to help",
        "i'm going home",
        "i am may be late",
        "this is important news",
        "this is grace from heaven",
        "Call me tomorrow.",
        "call me Friday",
        "I am from Accounting",
        "I am Senior Manager here",
        "ich heiße sie willkommen",
        "mi chiamo fuori",
    ] {
        assert_eq!(persons(text), [""; 0], "{text}");
    }
}

#[test]
fn names_with_the_family_name_first_or_initials_are_found_whole() {
    for (text, name) in [
        ("Nguyen Van An signed it.", "Nguyen Van An"),
        ("We met Trần Thị Mai in Huế.", "Trần Thị Mai"),
        ("contact J. K. Rowling about it", "J. K. Rowling"),
        ("the note of R. Castellano", "R. Castellano"),
        ("Barack H. Obama gave a speech", "Barack H. Obama"),
        ("I spoke to Paris Hilton yesterday.", "Paris Hilton"),
        ("Name: Osei, Kwame", "Osei, Kwame"),
    ] {
        assert_eq!(persons(text), [name], "{text}");
    }
    for text in ["U. S. Senate", "E. Coli in the water", "See appendix A. Tables follow", "Le Minh"] {
        assert_eq!(
            persons(text).iter().filter(|name| name.starts_with(['U', 'E', 'A', 'D', 'L'])).count(),
            0,
            "{text}"
        );
    }
}

#[test]
fn places_streets_and_things_that_are_called_like_persons_are_none() {
    for text in [
        "We operate in Georgia and Chad.",
        "Georgia, Chad and Jordan are countries.",
        "Offices in Georgia, Virginia and Carolina.",
        "Jordan and Lebanon signed the treaty.",
        "Turn onto Rosa Parks Avenue.",
        "The Martin Luther King Boulevard is closed.",
        "Turn onto David Morgan Parkway.",
        "Victoria Falls and Lake Victoria",
        "Amber Alert was issued",
        "Summer Sale ends in May",
        "Christian Democrats won",
        "Crystal Palace won the match",
        "Philippine SSS contributions",
        "Charlotte, NC and Austin, TX",
        "Trade Marks and Exclamation Marks",
        "Made In China",
    ] {
        assert_eq!(persons(text), [""; 0], "{text}");
    }
    assert_eq!(persons("Rosa Parks took a seat on Rosa Parks Avenue.").len(), 1);
}

#[test]
fn organizations_are_found_by_known_shapes_and_each_for_itself() {
    for (text, wanted) in [
        ("Siemens Energy reported losses.", &["Siemens Energy"][..]),
        ("She works at Deutsche Bahn.", &["Deutsche Bahn"]),
        ("a contract of Contoso Ltd and Microsoft Corporation", &["Contoso Ltd", "Microsoft Corporation"]),
        ("Microsoft and Contoso Ltd signed.", &["Contoso Ltd"]),
        ("bought from Acme Corp and Globex Inc.", &["Acme Corp", "Globex Inc."]),
        ("Smith and Wesson Inc. and Marks and Spencer plc", &["Smith and Wesson Inc.", "Marks and Spencer plc"]),
        ("University of Oxford and Harvard University", &["University of Oxford", "Harvard University"]),
        ("Bank of America charges fees", &["Bank of America"]),
        ("Procter & Gamble Co. makes soap", &["Procter & Gamble Co."]),
        ("Royal Dutch Shell plc", &["Royal Dutch Shell plc"]),
        ("World Health Organization", &["World Health Organization"]),
        ("Air France flies, British Airways too", &["Air France", "British Airways"]),
        ("Yesterday Acme Corp paid.", &["Acme Corp"]),
        ("Vendor: James Foundation", &["James Foundation"]),
    ] {
        assert_eq!(organizations(text), wanted, "{text}");
    }
    for text in [
        "Renewable Energy is growing.",
        "Solar Energy storage costs",
        "Clean Energy Act",
        "Blood Bank supplies",
        "The Operating Systems course",
        "Venture Capital funding",
        "Human Capital and Investment Partners",
        "Marketing Group discussion",
        "The Bank is closed.",
        "Consulting Company rates",
        "Bank Holiday of the year",
        "Air Quality report",
        "The Group met on Monday.",
        "co. and inc. are short",
    ] {
        assert_eq!(organizations(text), [""; 0], "{text}");
    }
}

#[test]
fn names_are_found_in_the_order_and_script_they_are_written_in() {
    for (text, name) in [
        ("O'Neil, Sean prefers mail", "O'Neil, Sean"),
        ("Quarn, Sean\n", "Quarn, Sean"),
        ("Contact was Will Smith, now elsewhere", "Will Smith"),
        ("Ана Петровић је потписала", "Ана Петровић"),
        ("Здравствуйте, Иванова Мария Сергеевна!", "Иванова Мария Сергеевна"),
        ("Rebecca Stone joins on Monday", "Rebecca Stone"),
        ("by April Young of the audit team", "April Young"),
        ("[10:02] Aisha: can you resend it", "Aisha"),
        ("hey, it's marcus from the warehouse", "marcus"),
        ("moi c'est Inès, bonjour", "Inès"),
        ("hola, soy Joaquín, el comprador", "Joaquín"),
        ("Sarah's laptop is broken", "Sarah"),
        ("Bruce Lee's School opened", "Bruce Lee"),
        ("ours is Xelden Rathmo, mobile (541) 754-3010", "Xelden Rathmo"),
        ("Joindre aussi Xelden Rathmo au 01 70 55 01 22", "Xelden Rathmo"),
        ("verhuizing van dhr. Krijn Posthumus naar huis", "Krijn Posthumus"),
    ] {
        assert_eq!(persons(text), [name], "{text}");
    }
    for text in [
        "The Washington Post reported it.",
        "Will Salesforce renew?",
        "Victoria Park was full",
        "We ate at Wendy's twice.",
        "Wendy's menu is short",
        "Lee's Summit is a town",
        "Paris, Jordan and Rome",
        "Greater Houston grew",
        "Victoria Sofa, Charlotte Lamp",
        "Jasper Reports and Kafka Streams",
        "Kenteken: 12-ABC-3",
        "it's grace from heaven",
        "Julia 1.10 is faster",
        "pass St. Mary Church",
        "Roma e Torino aspettano",
        "Liebe Grüße, das Team",
        "The Velm Orriso is at (541) 754-3010",
        "Our Velm. Orriso: (541) 754-3010",
        "in Buenos Aires, tel. +54 9 11 1234-5678",
        "Nordwind Energie, tel. 030 5550123",
        "Als Geburtsdatum haben wir den 12.04.1980",
        "unsere Zentrale Berlin, Tel. 030 5550123",
        "Neue Rufnummer: 030 5550123",
        "über Ihre Servicenummer 030 5550123",
    ] {
        assert_eq!(persons(text), [""; 0], "{text}");
    }
}

#[test]
fn an_organization_begins_behind_who_belongs_to_it() {
    for (text, name) in [
        ("the CFO of Siemens Energy said so", "Siemens Energy"),
        ("Head of Contoso Ltd", "Contoso Ltd"),
        ("Bank of Scotland plc", "Bank of Scotland plc"),
        ("Directeur de Renard Conseil SAS", "Renard Conseil SAS"),
        ("soy Ana Ruiz de Contoso S.A.", "Contoso S.A."),
        ("she left for Morgan Stanley. Later", "Morgan Stanley"),
        ("He joined Turner and Sons in May", "Turner and Sons"),
        ("The Washington Post reported it.", "The Washington Post"),
    ] {
        assert_eq!(organizations(text), [name], "{text}");
    }
    for text in ["The Blog Post", "Read the Times", "Post Times"] {
        assert_eq!(organizations(text), [""; 0], "{text}");
    }
}
