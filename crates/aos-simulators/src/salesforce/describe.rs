//! What the organisation says of its objects and fields (`sobjects`, `describe`).

use super::record::id;
use super::schema::key_prefix;
use crate::account::{Draw, Field, Formula, Kind, Table};
use serde_json::{Value, json};

/// One entry of the list of objects.
pub fn brief(table: &Table<'_>, version: &str) -> Value {
    let stream = table.stream;
    let base = format!("/services/data/{version}/sobjects/{}", stream.name);
    json!({
        "activateable": false, "associateEntityType": null, "associateParentEntity": null, "createable": true,
        "custom": stream.custom, "customSetting": false, "deepCloneable": false, "deletable": true,
        "deprecatedAndHidden": false, "feedEnabled": true, "hasSubtypes": false, "isInterface": false, "isSubtype": false,
        "keyPrefix": key_prefix(&stream.name), "label": stream.label, "labelPlural": stream.plural, "layoutable": true,
        "mergeable": false, "mruEnabled": true, "name": stream.name, "queryable": true, "replicateable": true,
        "retrieveable": true, "searchable": true, "triggerable": true, "undeletable": true, "updateable": true,
        "urls": { "rowTemplate": format!("{base}/{{ID}}"), "describe": format!("{base}/describe"), "sobject": base },
    })
}

/// The whole description of an object.
pub fn full(table: &Table<'_>, version: &str) -> Value {
    let mut described = brief(table, version);
    let fields: Vec<Value> = table.stream.fields.iter().map(|field| described_field(table, field)).collect();
    let more = json!({
        "actionOverrides": [], "childRelationships": [], "compactLayoutable": true, "defaultImplementation": null,
        "extendedBy": null, "extendsInterfaces": null, "fields": fields, "implementedBy": null,
        "implementsInterfaces": null, "listviewable": null, "lookupLayoutable": null, "namedLayoutInfos": [],
        "networkScopeFieldName": null, "recordTypeInfos": [{
            "active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master", "master": true,
            "name": "Master", "recordTypeId": "012000000000000AAA", "urls": {},
        }],
        "searchLayoutable": true, "sobjectDescribeOption": "FULL", "supportedScopes": [{ "label": "All", "name": "everything" }],
    });
    extend(&mut described, more);
    described
}

fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn described_field(table: &Table<'_>, field: &Field) -> Value {
    let (kind, soap, length, digits, precision, scale) = typed(field);
    let is_key = field.kind == Kind::Key;
    let (targets, relationship) = match &field.kind {
        Kind::Link { to } => (vec![*to], Some(relationship(&field.name))),
        _ => (Vec::new(), None),
    };
    let options = match &field.kind {
        Kind::Choice { options, .. } => options.as_slice(),
        _ => &[],
    };
    let options: Vec<Value> = options
        .iter()
        .map(|option| json!({ "active": true, "defaultValue": false, "label": option.label, "validFor": null, "value": option.code }))
        .collect();
    let nillable = !matches!(&field.formula, Formula::Drawn { null_percent: 0, .. });
    let written = !matches!(
        &field.formula,
        Formula::Drawn { draw: Draw::Key | Draw::Created | Draw::Modified | Draw::Deleted, .. }
    );
    let mut described = json!({
        "aggregatable": true, "aiPredictionField": false, "autoNumber": false, "byteLength": length * 3, "calculated": false,
        "calculatedFormula": null, "cascadeDelete": false, "caseSensitive": false, "compoundFieldName": null,
        "controllerName": null, "createable": written, "custom": field.custom, "defaultValue": null,
        "defaultValueFormula": null, "defaultedOnCreate": is_key, "dependentPicklist": false, "deprecatedAndHidden": false,
        "digits": digits, "displayLocationInDecimal": false, "encrypted": false, "externalId": false, "extraTypeInfo": null,
        "filterable": kind != "textarea", "filteredLookupInfo": null, "formulaTreatNullNumberAsZero": false,
    });
    let more = json!({
        "groupable": kind != "textarea", "highScaleNumber": false, "htmlFormatted": false, "idLookup": is_key,
        "inlineHelpText": null, "label": field.label, "length": length, "mask": null, "maskType": null, "name": field.name,
        "nameField": field.name == "Name", "namePointing": false, "nillable": nillable, "permissionable": written,
        "picklistValues": options, "polymorphicForeignKey": false, "precision": precision, "queryByDistance": false,
        "referenceTargetField": null, "referenceTo": targets, "relationshipName": relationship, "relationshipOrder": null,
        "restrictedDelete": false, "restrictedPicklist": kind == "picklist" && field.custom, "scale": scale,
        "searchPrefilterable": false, "soapType": soap, "sortable": kind != "textarea" && kind != "multipicklist",
        "type": kind, "unique": is_key && table.stream.custom, "updateable": written, "writeRequiresMasterRead": false,
    });
    extend(&mut described, more);
    described
}

/// The type's name, its SOAP name, and its length, digits, precision and scale, as `describe` gives them.
fn typed(field: &Field) -> (&'static str, &'static str, u32, u32, u8, u8) {
    match &field.kind {
        Kind::Key => ("id", "tns:ID", 18, 0, 0, 0),
        Kind::Link { .. } => ("reference", "tns:ID", 18, 0, 0, 0),
        Kind::Text { chars_max } => ("string", "xsd:string", *chars_max, 0, 0, 0),
        Kind::LongText => ("textarea", "xsd:string", 32_000, 0, 0, 0),
        Kind::Email => ("email", "xsd:string", 80, 0, 0, 0),
        Kind::Phone => ("phone", "xsd:string", 40, 0, 0, 0),
        Kind::Url => ("url", "xsd:string", 255, 0, 0, 0),
        Kind::Integer => ("int", "xsd:int", 0, 8, 0, 0),
        Kind::Decimal { precision, scale, money: true } => ("currency", "xsd:double", 0, 0, *precision, *scale),
        Kind::Decimal { precision, scale, .. } if field.label.ends_with("(%)") => {
            ("percent", "xsd:double", 0, 0, *precision, *scale)
        }
        Kind::Decimal { precision, scale, .. } => ("double", "xsd:double", 0, 0, *precision, *scale),
        Kind::Boolean => ("boolean", "xsd:boolean", 0, 0, 0, 0),
        Kind::Date => ("date", "xsd:date", 0, 0, 0, 0),
        Kind::Time => ("datetime", "xsd:dateTime", 0, 0, 0, 0),
        Kind::Choice { multiple: true, .. } => ("multipicklist", "xsd:string", 4_099, 0, 0, 0),
        Kind::Choice { .. } => ("picklist", "xsd:string", 255, 0, 0, 0),
        Kind::Object(_) => ("address", "urn:address", 0, 0, 0, 0),
    }
}

/// `AccountId` leads to `Account`, `Account__c` to `Account__r`.
fn relationship(field: &str) -> String {
    match field.strip_suffix("__c") {
        Some(own) => format!("{own}__r"),
        None => field.strip_suffix("Id").unwrap_or(field).to_owned(),
    }
}

/// Who the caller is (`userinfo`).
pub fn userinfo(origin: &str, username: &str) -> Value {
    let user = id("User", 0);
    json!({
        "sub": format!("{origin}/id/00DdM00000simUAA/{user}"), "user_id": user, "organization_id": "00DdM00000simUAA",
        "preferred_username": username, "nickname": "simulator", "name": "Simulator API", "email": username,
        "email_verified": true, "zoneinfo": "America/Los_Angeles", "active": true, "user_type": "STANDARD", "language": "en_US",
        "locale": "en_US", "utcOffset": -28_800_000,
        "urls": { "rest": format!("{origin}/services/data/v{{version}}/"), "query": format!("{origin}/services/data/v{{version}}/query/"),
                  "sobjects": format!("{origin}/services/data/v{{version}}/sobjects/") },
    })
}
