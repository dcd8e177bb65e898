"""More labelled texts for `bench/pii/run`: numbers that only their label makes one, names that are said and not written, organizations without a
legal form, addresses in other orders, and what looks like each of them and is none.

Values come from Faker and from chance; a number here need not check, since people mistype and invent. The same seed gives the same set.
"""
import random

from faker import Faker

from made import row

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
# What stands in front of a number of this form: 9 is a digit, A a letter, X either; everything else stands for itself.
LABELLED = {
    "us_ssn": ["SSN: {v}", "Social Security Number: {v}", "My SSN is {v}.", "ssn={v}", "SSN# {v}"],
    "passport": ["Passport: {v}", "Passport number {v}", "passport no. {v} expires soon", "Reisepassnummer: {v}", "N° de passeport : {v}", "pasaporte n.º {v}"],
    "driving_licence": ["Driver's license: {v}", "driving licence no. {v}", "DL: {v}", "Führerschein-Nr. {v}", "permis de conduire : {v}"],
    "gb_nhs": ["NHS number: {v}", "NHS No. {v}"], "ca_sin": ["SIN: {v}", "Social Insurance Number {v}"], "in_aadhaar": ["Aadhaar no. {v}", "Aadhaar: {v}"],
    "in_pan": ["PAN: {v}", "PAN card number {v}"], "es_dni": ["DNI: {v}", "NIF {v}"], "pl_pesel": ["PESEL: {v}"], "br_cpf": ["CPF: {v}"], "br_cnpj": ["CNPJ: {v}"],
    "nl_bsn": ["BSN: {v}"], "au_tfn": ["TFN: {v}", "Tax File Number {v}"], "us_mbi": ["Medicare number: {v}"], "de_tax_number": ["Steuernummer: {v}"], "fr_nir": ["NIR : {v}"],
    "sg_nric": ["NRIC: {v}"], "in_voter_id": ["Voter ID: {v}"], "ae_emirates_id": ["Emirates ID: {v}"], "identity_card": ["National ID: {v}", "Identity card no. {v}"],
}
FORMS = {
    "us_ssn": ["999-99-9999", "999 99 9999", "999999999"], "passport": ["999999999", "A99999999", "AA9999999", "A99A99A99"], "driving_licence": ["A9999999", "A999-9999-9999", "99999999"],
    "gb_nhs": ["999 999 9999", "9999999999"], "ca_sin": ["999 999 999", "999-999-999"], "in_aadhaar": ["9999 9999 9999", "999999999999"], "in_pan": ["AAAAA9999A"],
    "es_dni": ["99999999A", "99999999-A"], "pl_pesel": ["99999999999"], "br_cpf": ["999.999.999-99", "99999999999"], "br_cnpj": ["99.999.999/9999-99"], "nl_bsn": ["999999999"],
    "au_tfn": ["999 999 999", "999999999"], "us_mbi": ["1AX9-AX9-AA99"], "de_tax_number": ["99/999/99999"], "fr_nir": ["1 99 09 99 999 999 99"], "sg_nric": ["S9999999A"],
    "in_voter_id": ["AAA9999999"], "ae_emirates_id": ["784-1999-9999999-9"], "identity_card": ["AA9999999", "999999999999"],
}
SAID = {
    "en_US": ["my name is {v} and I need help", "hello, i am {v} from billing", "Full name: {v}", "the caller said: call me {v}"], "fr_FR": ["bonjour, je m'appelle {v}"],
    "es_ES": ["hola, me llamo {v}"], "it_IT": ["ciao, mi chiamo {v}"], "de_DE": ["hallo, ich heiße {v}"],
}
HOUSES = ["{last} Energy", "{last} Pharma", "{last} Motors", "{last} Healthcare", "University of {city}", "Bank of {city}", "{last} Foundation", "{last} Technologies"]
# Beside an organization another one, or a word that begins a sentence.
BESIDE = ["We bought it from {v} last year.", "{v} reported losses.", "Yesterday {v} paid.", "A contract between Microsoft and {v} exists.", "Vendor: {v}"]
COUNTRIES = ["Georgia", "Chad", "Jordan", "Israel", "Kenya", "Virginia", "Carolina", "Florence", "Sydney", "Austin", "Madison", "Charlotte", "Victoria", "Lourdes", "Valencia"]
MODIFIERS = ["Renewable", "Solar", "Consumer", "Human", "Venture", "Marketing", "Operating", "Sales", "Customer", "Business", "Green", "Clean", "Global", "Social"]
ENDINGS = ["Energy", "Group", "Systems", "Capital", "Electronics", "Partners", "Solutions", "Foods"]
STREETS = ["Main Street", "Park Avenue", "Mill Road", "Gateway Drive", "High Street", "Station Road"]


def filled(form, chance):
    pick = {"9": "0123456789", "A": LETTERS, "X": "0123456789" + LETTERS}
    return "".join(chance.choice(pick.get(sign, sign)) for sign in form)


def address(kind, fakes, chance):
    english, german, spanish = fakes["en_GB"], fakes["de_DE"], fakes["es_ES"]
    street = f"{chance.randint(1, 240)} {english.last_name()} {chance.choice(['Street', 'Road', 'Avenue', 'Close'])}"
    return {
        "flat": lambda: f"{chance.choice(['Flat', 'Apt', 'Unit', 'Suite'])} {chance.randint(1, 90)}, {street}, {english.city()} {english.postcode()}",
        "flat_alone": lambda: f"Flat {chance.randint(1, 90)}, {street}",
        "town": lambda: f"{street}, {chance.choice(['London', 'Leeds', 'Springfield', 'Dublin', 'Cardiff'])}",
        "code_first": lambda: f"{german.postcode()} {chance.choice(['Berlin', 'Hamburg', 'Köln', 'Leipzig'])}, {chance.choice(['Linden', 'Garten', 'Schul', 'Bahnhof'])}{chance.choice(['straße', 'weg', 'allee'])} {chance.randint(1, 99)}",
        "door": lambda: f"Calle de {spanish.last_name()} {chance.randint(1, 99)}, {chance.randint(1, 9)}º {chance.choice('ABCD')}, {spanish.postcode()} {chance.choice(['Madrid', 'Sevilla', 'Valencia'])}",
        "japan": lambda: f"{chance.randint(1, 9)}-{chance.randint(1, 30)}-{chance.randint(1, 30)} {chance.choice(['Shibuya', 'Meguro', 'Ginza', 'Roppongi'])}, Tokyo",
        "brazil": lambda: f"Rua {spanish.last_name()} {chance.randint(1, 2000)}, {chance.choice(['São Paulo', 'Recife', 'Curitiba'])}",
    }[kind]()


ADDRESSES = ["flat", "flat_alone", "town", "code_first", "door", "japan", "brazil"]


def sentences(count, seed):
    """Returns `count` texts with personal data of each of the four kinds."""
    chance = random.Random(seed + 2)
    fakes = {locale: Faker(locale) for locale in {*SAID, "en_GB"}}
    for index, locale in enumerate(sorted(fakes)):
        fakes[locale].seed_instance(seed * 1000 + 500 + index)
    rows = []
    for index in range(count):
        kind = list(LABELLED)[index % len(LABELLED)]
        value = filled(chance.choice(FORMS[kind]), chance)
        rows.append(row(chance.choice(LABELLED[kind]), value, "national_id", f"labelled_{kind}", "en"))
        locale = list(SAID)[index % len(SAID)]
        fake = fakes[locale]
        name = f"{fake.first_name()} {fake.last_name()}".lower()
        rows.append(row(chance.choice(SAID[locale]), name, "person_name", f"said_{locale}", locale[:2]))
        if index % 4 == 0:
            name = f"{chance.choice(['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Nguyen', 'Tran'])} {chance.choice(['Văn', 'Thị', 'Minh', 'Van', 'Thi'])} {chance.choice(['An', 'Hoa', 'Long', 'Mai', 'Tuấn', 'Linh', 'Nam', 'Thảo', 'Quân'])}"
            rows.append(row(chance.choice(["{v} signed the contract.", "Kính gửi {v},", "We met {v} today."]), name, "person_name", "said_vi", "vi"))
        english = fakes["en_GB"]
        house = chance.choice(HOUSES).format(last=english.last_name(), city=english.city())
        rows.append(row(chance.choice(BESIDE), house, "organization", "house", "en"))
        order = ADDRESSES[index % len(ADDRESSES)]
        rows.append(row(chance.choice(["Ship it to {v}.", "Address: {v}", "{v} is where it went."]), address(order, fakes, chance), "address", f"address_{order}", "en"))
    return rows


def negatives(count, seed):
    """Returns texts that look like those and hold nothing."""
    chance = random.Random(seed + 3)
    fake = Faker("en_US")
    fake.seed_instance(seed * 1000 + 900)
    digits = lambda count: "".join(chance.choice("0123456789") for _ in range(count))
    makers = [
        lambda: f"We operate in {chance.choice(COUNTRIES)} and {chance.choice(COUNTRIES)}.",
        lambda: f"Turn onto {fake.first_name()} {fake.last_name()} {chance.choice(['Avenue', 'Boulevard', 'Parkway'])}.",
        lambda: f"{chance.choice(['Chapter', 'Section', 'Version', 'Lesson'])} {chance.randint(1, 40)} {chance.choice(STREETS)} of thought",
        lambda: f"In {chance.randint(1990, 2030)} {chance.choice(STREETS)} sales fell.",
        lambda: f"{chance.choice(MODIFIERS)} {chance.choice(ENDINGS)} costs rose again.",
        lambda: f"my name is {chance.choice(['on the list', 'not there', 'spelled wrong', 'mud'])}",
        lambda: f"i am {chance.choice(['happy to help', 'sorry about this', 'going home', 'late again'])}",
        lambda: f"fixed in commit 4{digits(15)} by merge",
        lambda: f"Order ID: {digits(3)}-{digits(2)}-{digits(4)}",
        lambda: f"driver version {digits(8)} and license key {digits(4)}-{digits(4)}",
        lambda: f"RFC {digits(4)} and table {digits(2)} of {digits(3)} pages",
        lambda: f"a passport office with {digits(8)} visitors",
    ]
    return [{"text": makers[index % len(makers)](), "spans": [], "kind": f"like_{index % len(makers)}", "language": "en"} for index in range(count)]
