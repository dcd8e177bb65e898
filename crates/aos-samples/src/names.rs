//! Word lists the invented world is made of. No list names a real person or is taken from a real customer base.

/// First words of company names.
pub const COMPANY_WORDS: &[&str] = &[
    "Halden", "Brightmere", "Norwyn", "Calvermoor", "Estmark", "Quillon", "Tamsin", "Verrault", "Ostermark", "Lindqvale",
    "Pinehollow", "Redfern", "Sablewood", "Thornbeck", "Umbrecht", "Valdora", "Westerly", "Yarrowby", "Zellhorst",
    "Ambrosia", "Birkfeld", "Corvane", "Dunmarsh", "Eldergate", "Fjordhaven", "Greylock", "Hollister Vale", "Ivoryton",
    "Juniper Row", "Kestrelby", "Larkhall", "Marchwood", "Nimbrook", "Oakenshaw", "Pellworth", "Rookhurst", "Silverdene",
    "Tidewell", "Ullswick", "Vinterberg",
];

/// Second words of company names, with the industry they tell.
pub const COMPANY_TRADES: &[(&str, &str)] = &[
    ("Robotics", "Manufacturing"),
    ("Analytics", "Software"),
    ("Software", "Software"),
    ("Systems", "Technology"),
    ("Logistics", "Transportation"),
    ("Freight", "Transportation"),
    ("Foods", "Food & Beverage"),
    ("Brewing", "Food & Beverage"),
    ("Health", "Healthcare"),
    ("Diagnostics", "Healthcare"),
    ("Pharma", "Pharmaceuticals"),
    ("Capital", "Financial Services"),
    ("Insurance", "Insurance"),
    ("Energy", "Energy"),
    ("Solar", "Energy"),
    ("Textiles", "Retail"),
    ("Outfitters", "Retail"),
    ("Media", "Media"),
    ("Learning", "Education"),
    ("Construction", "Construction"),
    ("Telecom", "Telecommunications"),
    ("Plastics", "Manufacturing"),
    ("Hospitality", "Hospitality"),
    ("Advisory", "Consulting"),
];

/// Companies whose names test quoting and spelling: name, legal form, industry.
pub const SPECIAL_COMPANIES: &[(&str, &str, &str)] = &[
    ("Acme", "Corp", "Manufacturing"),
    ("TechStart", "Inc", "Technology"),
    ("Bäckerei Grünfeld", "GmbH", "Food & Beverage"),
    ("Weißhaupt Maschinenbau", "GmbH", "Manufacturing"),
    ("Jørgsen & Vad", "Ltd", "Consulting"),
    ("Société Lumière Verte", "SA", "Energy"),
    ("Núñez Hermanos", "SA", "Retail"),
    ("O'Dellan, Pryce & Partners", "LLC", "Consulting"),
    ("Studio \"Nine\"", "Ltd", "Media"),
    ("Müllner Söhne", "AG", "Construction"),
];

/// Legal forms as people write them: short, long, dotted.
pub const LEGAL_FORMS: &[(&str, &str, &str)] = &[
    ("Corp", "Corporation", "Corp."),
    ("Inc", "Incorporated", "Inc."),
    ("Ltd", "Limited", "Ltd."),
    ("LLC", "L.L.C.", "LLC"),
    ("GmbH", "Gesellschaft mbH", "GmbH"),
    ("AG", "Aktiengesellschaft", "AG"),
    ("SA", "Société Anonyme", "S.A."),
];

pub const FIRST_NAMES: &[&str] = &[
    "Ada", "Alexander", "Amina", "Andrea", "Benjamin", "Bríd", "Catherine", "Chidi", "Daniela", "David", "Elena", "Elif",
    "Farid", "Francesca", "Gabriel", "Greta", "Hannah", "Hiro", "Ines", "Ivan", "James", "Jana", "Jürgen", "Katarzyna",
    "Kofi", "Lars", "Leïla", "Lucía", "Magnus", "Maria", "Mateo", "Michael", "Mira", "Nadia", "Noah", "Olivia", "Omar",
    "Petra", "Priya", "Rafael", "Robert", "Rosa", "Samuel", "Sofia", "Thomas", "Uma", "Viktor", "William", "Yara", "Zoë",
];

/// Short forms some salespeople type instead.
pub const SHORT_NAMES: &[(&str, &str)] = &[
    ("Alexander", "Alex"),
    ("Benjamin", "Ben"),
    ("Catherine", "Kate"),
    ("Gabriel", "Gabe"),
    ("James", "Jim"),
    ("Michael", "Mike"),
    ("Robert", "Bob"),
    ("Samuel", "Sam"),
    ("Thomas", "Tom"),
    ("William", "Bill"),
];

pub const LAST_NAMES: &[&str] = &[
    "Abernethy", "Albrechtsen", "Baptiste-Roy", "Bellwether", "Cardozo", "Castellane", "Dahlberg", "De Wintere", "Ebersbach",
    "Eriksdotter", "Fairweather", "Farrokhi", "Gallowglass", "Grüning", "Haverkamp", "Hollingbury", "Ibáñez", "Iversholt",
    "Jankowiak", "Joubertin", "Kapoorani", "Kellerhals", "Lachenmayr", "Lindgreen", "MacAskill", "Moreauville", "Nakagawara",
    "Nwosuji", "O'Farrelly", "Okonjara", "Pellegrinotti", "Petrosyanov", "Quistgaard", "Rahmanzai", "Rosenvinge", "Sakamura",
    "Schäfferling", "Söderquist", "Tanakawa", "Thistlewood", "Ullmannsen", "Varga-Szabo", "Villanuevo", "Weatherby",
    "Wójcikowski", "Yamashiro", "Yildizhan", "Zabludow",
];

/// Job titles with the department they belong to.
pub const JOBS: &[(&str, &str)] = &[
    ("Chief Executive Officer", "Executive"),
    ("Chief Financial Officer", "Finance"),
    ("Chief Technology Officer", "Engineering"),
    ("VP of Sales", "Sales"),
    ("VP Engineering", "Engineering"),
    ("Head of Procurement", "Procurement"),
    ("Head of IT Operations", "IT"),
    ("IT Manager", "IT"),
    ("Finance Manager", "Finance"),
    ("Marketing Director", "Marketing"),
    ("Operations Manager", "Operations"),
    ("Data Engineer", "Engineering"),
    ("Procurement Specialist", "Procurement"),
    ("Customer Success Manager", "Customer Success"),
    ("Legal Counsel", "Legal"),
    ("Office Manager", "Operations"),
];

/// Cities with country, and a telephone prefix from the ranges reserved for fiction.
pub const PLACES: &[(&str, &str, &str)] = &[
    ("Chicago", "United States", "+1 312 555 01"),
    ("Austin", "United States", "+1 512 555 01"),
    ("Seattle", "United States", "+1 206 555 01"),
    ("Boston", "United States", "+1 617 555 01"),
    ("Toronto", "Canada", "+1 416 555 01"),
    ("London", "United Kingdom", "+44 20 7946 09"),
    ("Leeds", "United Kingdom", "+44 113 496 09"),
    ("Berlin", "Germany", "+49 30 23125 0"),
    ("München", "Germany", "+49 89 99998 0"),
    ("Zürich", "Switzerland", "+41 44 555 01 "),
    ("Lyon", "France", "+33 4 65 71 00 "),
    ("Madrid", "Spain", "+34 910 555 0"),
];

/// What our company sells, with the usual value of a deal in currency units.
pub const PRODUCTS: &[(&str, f64)] = &[
    ("Platform Enterprise", 92_000.0),
    ("Platform Team", 24_000.0),
    ("Analytics Add-on", 11_500.0),
    ("Data Migration", 18_000.0),
    ("Premium Support", 7_800.0),
    ("Training Package", 4_200.0),
    ("API Gateway", 36_000.0),
];

/// Our own salespeople and support agents: the owners of records.
pub const STAFF: &[&str] = &[
    "Dana Whitlock", "Marek Olszanski", "Ruth Adeyinka", "Felix Brandauer", "Nora Castellane", "Ivo Petersholm",
    "Sanne Verhoevink", "Tariq Mansoori", "Lena Kowalke", "George Attenby",
];
