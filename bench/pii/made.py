"""Labelled sets for `bench/pii/run`: sentences and values with personal data whose places are known, and texts that only look like it.

Values come from Faker (locales of twenty countries) and, where Faker has no number of a country, from python-stdnum's own check digits. Neither
shares code, patterns or word lists with the detector. The sentences are written here. The same seed gives the same set.
"""
import random
import uuid

from faker import Faker
from stdnum import iban as stdnum_iban
from stdnum import luhn, verhoeff
from stdnum.iso7064 import mod_11_10

LOCALES = ["en_US", "en_GB", "en_CA", "en_IE", "en_IN", "de_DE", "de_AT", "de_CH", "fr_FR", "es_ES", "es_MX", "it_IT", "nl_NL", "nl_BE", "pl_PL", "pt_BR", "sv_SE", "da_DK", "no_NO", "fi_FI", "cs_CZ"]

# What stands around a value, by language. {v} is the value.
AROUND = {
    "email": {
        "en": ["Please write to {v} before Friday.", "Contact: {v}", "cc'd {v} on the thread;", "Reply-To: <{v}>"],
        "de": ["Bitte schreiben Sie an {v}.", "E-Mail: {v}"], "fr": ["Écrivez à {v} svp.", "courriel : {v}"], "es": ["Escriba a {v}, por favor.", "correo: {v}"],
        "it": ["Scrivere a {v}."], "nl": ["Mail naar {v} voor vragen."], "pl": ["Proszę pisać na {v}."], "pt": ["Escreva para {v}."], "sv": ["Mejla {v}."],
    },
    "phone": {
        "en": ["Call me on {v} after lunch.", "Phone: {v}", "My mobile number is {v}.", "tel {v}"],
        "de": ["Sie erreichen mich unter {v}.", "Tel.: {v}", "Handy {v}"], "fr": ["Téléphone : {v}", "Vous pouvez me joindre au {v}."], "es": ["Teléfono: {v}", "Llámame al {v}."],
        "it": ["Telefono: {v}", "Il mio cellulare: {v}"], "nl": ["Telefoon: {v}", "Bel {v}."], "pl": ["Telefon: {v}", "tel. {v}"], "pt": ["Telefone: {v}"], "sv": ["Telefon: {v}", "Mobil {v}"],
        "da": ["Telefon: {v}"], "no": ["Telefon: {v}"], "fi": ["Puhelin: {v}"], "cs": ["Telefon: {v}"],
    },
    "iban": {
        "en": ["Please pay to {v} within 14 days.", "IBAN: {v}"], "de": ["Bitte überweisen Sie auf {v}.", "IBAN {v}"], "fr": ["Virement sur {v}.", "IBAN : {v}"], "es": ["Cuenta: {v}"],
        "it": ["Bonifico su {v}."], "nl": ["Rekening {v}"], "pl": ["Numer konta: {v}"], "pt": ["Conta: {v}"], "sv": ["Konto: {v}"],
    },
    "credit_card": {
        "en": ["Charge it to {v}, please.", "Card number: {v}", "She read {v} to the agent."], "de": ["Kreditkarte {v}", "Die Karte {v} wurde gesperrt."], "fr": ["Carte : {v}"],
        "es": ["Tarjeta: {v}"], "it": ["Carta {v}"], "nl": ["Kaart: {v}"], "pl": ["Karta {v}"], "pt": ["Cartão: {v}"], "sv": ["Kort: {v}"],
    },
    "ip_address": {"en": ["Login from {v} at noon.", "client={v} status=200", "The host {v} does not answer."], "de": ["Zugriff von {v} erfolgt."], "fr": ["Connexion depuis {v}."]},
    "mac_address": {"en": ["The device {v} joined.", "mac={v}"], "de": ["Das Gerät {v} ist neu."]},
    "birth_date": {
        "en": ["Date of birth: {v}", "She was born on {v} in Leeds.", "DOB {v}"], "de": ["geboren am {v}", "Geburtsdatum: {v}"], "fr": ["Né le {v} à Lyon.", "Date de naissance : {v}"],
        "es": ["Fecha de nacimiento: {v}", "Nacido el {v} en Cádiz."], "it": ["Data di nascita: {v}", "nato il {v}"], "nl": ["Geboortedatum: {v}"], "pl": ["Data urodzenia: {v}"],
        "pt": ["Data de nascimento: {v}"], "sv": ["Född {v}"],
    },
    "address": {
        "en": ["Ship it to {v}.", "She lives at {v}, I think.", "Address: {v}"], "de": ["Anschrift: {v}", "Er wohnt {v}."], "fr": ["Adresse : {v}", "Elle habite {v}."], "es": ["Dirección: {v}"],
        "it": ["Indirizzo: {v}"], "nl": ["Adres: {v}"], "pl": ["Adres: {v}"], "pt": ["Endereço: {v}"], "sv": ["Adress: {v}"],
    },
    "person_name": {
        "en": ["{v} asked for a refund.", "Yesterday I met {v} at the fair.", "Dear {v},", "The contract was signed by {v}."], "de": ["{v} hat angerufen.", "Ansprechpartner: {v}"],
        "fr": ["{v} a signé le contrat.", "Bonjour {v},"], "es": ["{v} llamó ayer.", "Hola {v},"], "it": ["{v} ha chiamato."], "nl": ["{v} belde gisteren."], "pl": ["{v} dzwoni jutro."],
        "pt": ["{v} assinou o contrato."], "sv": ["{v} ringde i dag."],
    },
    "organization": {"en": ["We bought it from {v} last year.", "Vendor: {v}"], "de": ["Der Vertrag mit {v} läuft aus."], "fr": ["Facture de {v}"], "it": ["Fattura di {v}"], "nl": ["Factuur van {v}"]},
    "secret": {"en": ["export KEY={v}", "The token {v} was found in the log.", "Authorization: Bearer {v}"]},
}
# How people name their numbers. Numbers with a form of their own also stand without a name.
NUMBERS = {
    "us_ssn": (["My SSN is {v}.", "Social security number: {v}"], True), "gb_nino": (["NI number: {v}", "National Insurance {v}"], True), "de_rvnr": (["Sozialversicherungsnummer: {v}"], True),
    "de_tax_id": (["Steuer-ID: {v}", "Meine Steueridentifikationsnummer lautet {v}."], True), "fr_nir": (["Numéro de sécurité sociale : {v}"], True), "es_dni": (["DNI: {v}", "mi NIF es {v}"], True),
    "es_nie": (["NIE: {v}"], True), "it_cf": (["Codice fiscale: {v}"], True), "nl_bsn": (["BSN: {v}", "Mijn burgerservicenummer is {v}."], False), "pl_pesel": (["PESEL: {v}"], True),
    "br_cpf": (["CPF: {v}", "CPF do cliente {v}"], True), "se_personnummer": (["Personnummer: {v}"], True), "no_fnr": (["Fødselsnummer: {v}"], True), "fi_hetu": (["Henkilötunnus: {v}"], True),
    "ch_ahv": (["AHV-Nummer: {v}"], True), "be_national": (["Rijksregisternummer: {v}"], False), "at_svnr": (["SVNR: {v}", "Sozialversicherungsnummer {v}"], False), "ca_sin": (["SIN: {v}"], False),
    "mx_curp": (["CURP: {v}"], True), "in_aadhaar": (["Aadhaar: {v}"], False), "hr_oib": (["OIB: {v}"], False), "ro_cnp": (["CNP: {v}"], True), "ee_code": (["Isikukood: {v}"], False),
    "cz_rc": (["Rodné číslo: {v}"], False), "za_id": (["RSA identity number: {v}"], False),
}


def language(locale):
    return locale[:2]


def fakers(seed):
    made = {}
    for index, locale in enumerate(LOCALES + ["hr_HR", "ro_RO", "et_EE"]):
        made[locale] = Faker(locale)
        made[locale].seed_instance(seed * 1000 + index)
    return made


def spaced(text, size, sign=" "):
    return sign.join(text[at:at + size] for at in range(0, len(text), size))


def numbers(fakers, chance):
    """Returns one number of each kind, in one of the ways it is written."""
    def digits(count):
        return "".join(chance.choice("0123456789") for _ in range(count))

    def tax_id():
        while True:
            ten = [chance.choice("123456789")] + [chance.choice("0123456789") for _ in range(9)]
            counts = sorted(ten.count(digit) for digit in set(ten))
            if counts[-1] in (2, 3) and counts[-2] == 1:
                number = "".join(ten)
                return number + mod_11_10.calc_check_digit(number)

    def aadhaar():
        number = chance.choice("23456789") + digits(10)
        return spaced(number + verhoeff.calc_check_digit(number), 4)

    def za():
        number = f"{chance.randint(40, 99):02}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{digits(4)}08"
        return number + luhn.calc_check_digit(number)

    de = tax_id()
    nir = fakers["fr_FR"].ssn()
    nino = fakers["en_GB"].bothify("??######?", letters="ABCEHJKLMPRSTWXY")
    nino = chance.choice(["AB", "CE", "HJ", "KL", "PR", "SX", "TW", "YE"]) + nino[2:8] + chance.choice("ABCD")
    return {
        "us_ssn": fakers["en_US"].ssn(), "gb_nino": chance.choice([nino, f"{nino[:2]} {nino[2:4]} {nino[4:6]} {nino[6:8]} {nino[8]}"]), "de_rvnr": fakers["de_DE"].rvnr(),
        "de_tax_id": chance.choice([de, f"{de[:2]} {de[2:5]} {de[5:8]} {de[8:]}"]),
        "fr_nir": chance.choice([nir, f"{nir[0]} {nir[1:3]} {nir[3:5]} {nir[5:7]} {nir[7:10]} {nir[10:13]} {nir[13:]}"]), "es_dni": fakers["es_ES"].nif(), "es_nie": fakers["es_ES"].nie(),
        "it_cf": fakers["it_IT"].ssn(), "nl_bsn": fakers["nl_NL"].ssn(), "pl_pesel": fakers["pl_PL"].pesel(), "br_cpf": fakers["pt_BR"].cpf(), "se_personnummer": fakers["sv_SE"].ssn(),
        "no_fnr": fakers["no_NO"].ssn(), "fi_hetu": fakers["fi_FI"].ssn(), "ch_ahv": fakers["de_CH"].ssn(), "be_national": fakers["nl_BE"].ssn(), "at_svnr": fakers["de_AT"].ssn(),
        "ca_sin": fakers["en_CA"].ssn(), "mx_curp": fakers["es_MX"].curp(), "in_aadhaar": aadhaar(), "hr_oib": fakers["hr_HR"].ssn(), "ro_cnp": fakers["ro_RO"].ssn(), "ee_code": fakers["et_EE"].ssn(),
        "cz_rc": fakers["cs_CZ"].birth_number(), "za_id": za(),
    }


def secrets(chance):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    def run(count, alphabet=letters):
        return "".join(chance.choice(alphabet) for _ in range(count))

    import base64
    import json
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return chance.choice([
        "AKIA" + run(14, letters[:26]) + run(2, "234567"), "ghp_" + run(36), "sk_live_" + run(24), "xoxb-" + run(12, "0123456789") + "-" + run(24), "AIza" + run(35), "glpat-" + run(20),
        ".".join([part({"alg": "HS256", "typ": "JWT"}), part({"sub": run(8), "exp": 1900000000}), run(43)]),
    ])


def dates(fake, locale, chance):
    day = fake.date_of_birth(minimum_age=18, maximum_age=90)
    if locale in ("en_US", "en_CA"):
        return chance.choice([f"{day:%m/%d/%Y}", f"{day:%B} {day.day}, {day.year}", f"{day:%Y-%m-%d}"])
    if locale.startswith("en"):
        return chance.choice([f"{day:%d/%m/%Y}", f"{day.day} {day:%B} {day.year}", f"{day:%Y-%m-%d}"])
    return chance.choice([f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}"])


def value(kind, locale, fakers, chance):
    fake = fakers[locale]
    if kind == "email":
        return fake.email()
    if kind == "phone":
        return fake.phone_number()
    if kind == "iban":
        iban = fake.iban()
        while not stdnum_iban.is_valid(iban):
            # Faker's locales make some with a length that their country does not have.
            iban = fakers["de_DE"].iban()
        return chance.choice([iban, spaced(iban, 4)])
    if kind == "credit_card":
        number = fake.credit_card_number(chance.choice(["visa16", "mastercard", "amex", "discover"]))
        groups = [number[:4], number[4:10], number[10:]] if len(number) == 15 else [number[at:at + 4] for at in range(0, 16, 4)]
        return chance.choice([number, " ".join(groups), "-".join(groups)])
    if kind == "ip_address":
        return fake.ipv6() if chance.random() < 0.3 else fake.ipv4_public()
    if kind == "mac_address":
        return fake.mac_address()
    if kind == "birth_date":
        return dates(fake, locale, chance)
    if kind == "address":
        return fake.address().replace("\n", ", ")
    if kind == "person_name":
        return f"{fake.first_name()} {fake.last_name()}"
    if kind == "organization":
        legal = {"de": ["GmbH", "AG", "GmbH & Co. KG"], "fr": ["SARL", "SAS", "SA"], "it": ["S.r.l.", "S.p.A."], "nl": ["B.V.", "N.V."]}.get(language(locale), ["Inc.", "Ltd", "LLC", "Corp."])
        return f"{fake.last_name()} {chance.choice(legal)}"
    return secrets(chance)


def row(template, found, label, kind, language):
    """Puts values into a sentence and says where they stand, in characters."""
    text, spans = "", []
    for piece in template.split("{v}"):
        if text or spans:
            start = len(text)
            text += found
            spans.append({"start": start, "end": len(text), "type": label})
        elif not template.startswith("{v}"):
            pass
        text += piece
        if not spans:
            spans = spans or [None]
    spans = [span for span in spans if span]
    return {"text": text, "spans": spans, "kind": kind, "language": language}


def sentences(count, seed):
    """Returns `count` texts of each class, spread over locales."""
    chance, made, rows = random.Random(seed), fakers(seed), []
    for label, by_language in AROUND.items():
        for index in range(count):
            locale = LOCALES[index % len(LOCALES)]
            spoken = language(locale)
            templates = by_language.get(spoken) or by_language["en"]
            rows.append(row(chance.choice(templates), value(label, locale, made, chance), label, label, spoken))
    for index in range(max(1, count // 10)):
        for kind, number in numbers(made, chance).items():
            templates, has_form = NUMBERS[kind]
            template = "He sent {v} by letter." if has_form and index % 3 == 0 else chance.choice(templates)
            rows.append(row(template, number, "national_id", kind, "en"))
    return rows


def negatives(count, seed):
    """Returns texts without personal data that look as if they had some."""
    chance = random.Random(seed + 1)

    def digits(low, high):
        return "".join(chance.choice("0123456789") for _ in range(chance.randint(low, high)))

    makers = [
        lambda: f"Order {digits(9, 12)} was shipped on {chance.randint(1, 28)}.{chance.randint(1, 12)}.2025.",
        lambda: f"Invoice no. INV-{digits(6, 10)} over {chance.randint(1, 9)},{digits(3, 3)}.{digits(2, 2)} EUR is due.",
        lambda: f"Version {chance.randint(1, 20)}.{chance.randint(0, 40)}.{chance.randint(0, 9)} replaces {chance.randint(1, 9)}.{chance.randint(0, 9)}.{chance.randint(0, 9)}.{chance.randint(0, 255)}.",
        lambda: f"Trace {uuid.UUID(int=chance.getrandbits(128))} took {digits(2, 4)} ms.",
        lambda: f"The price rose from {digits(2, 3)}.{digits(2, 2)} to {digits(2, 3)}.{digits(2, 2)} within {digits(1, 2)} days.",
        lambda: f"Located at {chance.uniform(-90, 90):.6f}, {chance.uniform(-180, 180):.6f} near the river.",
        lambda: f"Tracking number 1Z{digits(16, 16)} is on its way.",
        lambda: f"ISBN 978-3-{digits(2, 2)}-{digits(6, 6)}-{digits(1, 1)} is out of print.",
        lambda: f"The meeting is on {chance.randint(1, 28):02}/{chance.randint(1, 12):02}/2026 at {chance.randint(8, 18)}:{chance.choice(['00', '15', '30'])}.",
        lambda: f"Commit {chance.getrandbits(160):040x} broke build {digits(4, 6)}.",
        lambda: f"Timestamp {chance.randint(1_600_000_000, 1_900_000_000)} is in seconds; {chance.randint(1_600_000_000_000, 1_900_000_000_000)} in milliseconds.",
        lambda: f"SKU {chance.choice('ABCDEFG')}{chance.choice('HJKLM')}-{digits(4, 6)}-{chance.choice(['XL', 'S', 'M'])} is sold out.",
        lambda: f"GTIN {digits(13, 13)} and article {digits(8, 8)} are listed twice.",
        lambda: f"Usage grew by {digits(1, 2)}.{digits(1, 2)} % to {digits(1, 3)},{digits(3, 3)},{digits(3, 3)} requests.",
        lambda: f"See section {chance.randint(1, 9)}.{chance.randint(1, 9)}.{chance.randint(1, 9)} and table {digits(1, 2)} of the report.",
        lambda: f"Install react@{chance.randint(16, 19)}.{chance.randint(0, 9)}.{chance.randint(0, 9)} and icon@2x.png first.",
        lambda: f"Die Bestellung {digits(10, 12)} enthält {digits(1, 2)} Artikel zu je {digits(1, 3)},{digits(2, 2)} Euro.",
        lambda: f"La commande {digits(9, 11)} sera livrée en semaine {chance.randint(1, 52)}.",
        lambda: f"The instance i-{chance.getrandbits(68):017x} in us-east-1 runs at {digits(2, 2)} percent.",
        lambda: f"Quarter {chance.randint(1, 4)} closed with {digits(1, 3)} deals, {digits(2, 3)} leads and a pipeline of ${digits(1, 2)},{digits(3, 3)},{digits(3, 3)}.",
        lambda: f"Ratio {chance.randint(1, 9)}:{chance.randint(1, 9)}, range {digits(3, 4)}-{digits(3, 4)}, size {digits(2, 4)} x {digits(2, 4)}.",
        lambda: f"Account 00{digits(13, 13)}AAB owns opportunity 006{digits(12, 12)}AAC.",
    ]
    return [{"text": makers[index % len(makers)](), "spans": [], "kind": f"negative_{index % len(makers)}", "language": "en"} for index in range(count)]
