"""Pages through a simulated account with the vendor's own client library, or the one most used where the vendor has none, and writes one JSON
object a line for each record it was given:

    page.py NAME URL CA-FILE

URL is https, since most of these libraries refuse anything else. A member of a record is left out where the library turns it into another shape.
"""
import csv
import datetime
import io
import json
import os
import sys
import time
import urllib.parse
import urllib.request

CLIENT, SECRET, TOKEN, USER = "simulator-client", "simulator-secret", "simulator-token", "simulator@example.com"


def salesforce(url):
    """Rows of `query`, page by page."""
    return (without_attributes(record) for record in salesforce_client(url).query_all_iter(f"SELECT {OPPORTUNITY} FROM Opportunity"))


def salesforce_deleted(url):
    """`queryAll`, which shows deleted records, too."""
    records = salesforce_client(url).query_all_iter(f"SELECT {OPPORTUNITY} FROM Opportunity WHERE IsDeleted = true", include_deleted=True)
    return (without_attributes(record) for record in records)


def salesforce_bulk(url):
    """A query job of Bulk API 2.0. CSV knows text only, and no null apart from the empty text."""
    for page in salesforce_client(url).bulk2.Opportunity.query("SELECT Id, Name, StageName FROM Opportunity", max_records=500, wait=1):
        yield from csv.DictReader(io.StringIO(page))


OPPORTUNITY = "Id, Name, StageName, IsDeleted, SystemModstamp"


def salesforce_client(url):
    import simple_salesforce

    token = granted(f"{url}/services/oauth2/token", grant_type="client_credentials")
    return simple_salesforce.Salesforce(instance=urllib.parse.urlsplit(url).netloc, session_id=token, version="63.0")


def without_attributes(record):
    return {name: value for name, value in record.items() if name != "attributes"}


def hubspot(url):
    """The list of deals, by the cursor of its pages."""
    client = hubspot_client(url)
    for deal in client.crm.deals.get_all(properties=["dealname", "amount", "dealstage"]):
        yield {"id": deal.id, "archived": deal.archived, "properties": deal.properties}


def hubspot_search(url):
    """Companies, as the search finds them."""
    from hubspot.crm.companies import PublicObjectSearchRequest

    client = hubspot_client(url)
    after = "0"
    while after:
        page = client.crm.companies.search_api.do_search(PublicObjectSearchRequest(limit=100, after=after, properties=["name", "domain"], sorts=["hs_object_id"]))
        for company in page.results:
            yield {"id": company.id, "archived": company.archived, "properties": company.properties}
        after = page.paging and page.paging.next.after


def hubspot_client(url):
    import hubspot

    return hubspot.Client.create(access_token=TOKEN, host=url, ssl_ca_cert=os.environ["REQUESTS_CA_BUNDLE"])


def dynamics(url):
    """Microsoft's own client. It finds the table's address in the metadata, and follows the links of pages."""
    from PowerPlatform.Dataverse.client import DataverseClient

    with DataverseClient(url, Credential(url)) as client:
        for page in client.records.list_pages("account", select=["accountid", "name", "modifiedon", "revenue"], page_size=500):
            for record in page:
                yield {name: value for name, value in dict(record).items() if "@" not in name}


class Credential:
    """What Azure's library would be: asks the simulated sign-in for a token."""

    def __init__(self, url):
        self.url = url

    def get_token(self, *scopes, **_):
        from azure.core.credentials import AccessToken

        token = granted(f"{self.url}/simulator/oauth2/v2.0/token", grant_type="client_credentials", scope=" ".join(scopes))
        return AccessToken(token, int(time.time()) + 3000)


def pipedrive(url):
    """The list of deals of the first version, by offset, as its clients page."""
    from pipedrive.client import Client

    client = Client(domain=url)
    client.set_api_token(TOKEN)
    start = 0
    while start is not None:
        page = client.deals.get_all_deals(params={"start": start, "limit": 200})
        for deal in page["data"] or []:
            yield {name: deal[name] for name in ("id", "title", "status", "update_time")}
        paging = page["additional_data"]["pagination"]
        start = paging["next_start"] if paging["more_items_in_collection"] else None


def zendesk(url):
    """The incremental export of tickets, by cursor. It shows deleted ones, too."""
    return (zendesk_record(ticket) for ticket in zendesk_client(url).tickets.incremental(start_time=1) if ticket.status != "deleted")


def zendesk_list(url):
    """The list of organizations, by offset."""
    return (zendesk_record(organization) for organization in zendesk_client(url).organizations())


def zendesk_client(url):
    import zenpy

    # It insists on a name below another, which 127.0.0.1 is as well as any.
    subdomain, domain = urllib.parse.urlsplit(url).netloc.split(".", 1)
    return zenpy.Zenpy(domain=domain, subdomain=subdomain, email=USER, token=TOKEN, disable_cache=True)


def zendesk_record(found):
    return {name: value for name, value in found.to_dict(serialize=True).items() if name in ("id", "subject", "name", "status", "updated_at", "url")}


def granted(url, **form):
    form = {"client_id": CLIENT, "client_secret": SECRET, **form}
    with urllib.request.urlopen(url, data=urllib.parse.urlencode(form).encode(), timeout=30) as answer:
        return json.load(answer)["access_token"]


def text(value):
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


if __name__ == "__main__":
    name, url, authority = sys.argv[1:]
    os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SSL_CERT_FILE"] = authority
    for record in globals()[name](url):
        print(json.dumps(record, default=text))
