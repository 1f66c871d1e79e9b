"""Describe answers: objects and fields with all the keys that clients look for."""

from __future__ import annotations

from typing import Any

from .access import Caller
from .fields import ANY_TYPE, COMPOUND_TYPES, NUMBER_TYPES, TEXT_TYPES, Field, ObjectType
from .schema import Schema

SOAP_TYPES = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime",
    ANY_TYPE: "xsd:anyType", "address": "urn:address", "location": "urn:location",
}  # fmt: skip
NEVER_SET = (
    "calculatedFormula", "controllerName", "defaultValueFormula", "extraTypeInfo", "filteredLookupInfo",
    "inlineHelpText", "mask", "maskType", "referenceTargetField", "relationshipOrder",
)  # fmt: skip
NEVER_TRUE = (
    "aiPredictionField", "cascadeDelete", "dependentPicklist", "deprecatedAndHidden",
    "displayLocationInDecimal", "encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted",
    "namePointing", "polymorphicForeignKey", "queryByDistance", "restrictedDelete", "searchPrefilterable",
    "writeRequiresMasterRead",
)  # fmt: skip


def summary(sobject: ObjectType, version: str) -> dict[str, Any]:
    """What the object list says about an object."""
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    urls = {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"}
    return {
        "activateable": False, "associateEntityType": None, "associateParentEntity": None,
        "createable": sobject.createable, "custom": sobject.name.endswith("__c"), "customSetting": False,
        "deepCloneable": False, "deletable": sobject.deletable, "deprecatedAndHidden": False,
        "feedEnabled": False, "hasSubtypes": False, "isInterface": False, "isSubtype": False,
        "keyPrefix": sobject.prefix, "label": sobject.label, "labelPlural": sobject.plural, "layoutable": True,
        "mergeable": sobject.has("MasterRecordId"), "mruEnabled": True, "name": sobject.name, "queryable": True,
        "replicateable": sobject.has("SystemModstamp"), "retrieveable": True, "searchable": sobject.deletable,
        "triggerable": True, "undeletable": sobject.has("IsDeleted"), "updateable": sobject.updateable, "urls": urls,
    }  # fmt: skip


def describe(schema: Schema, caller: Caller, sobject: ObjectType, version: str) -> dict[str, Any]:
    """The full description of an object as one user sees it."""
    relations: list[dict[str, Any]] = [
        {
            "cascadeDelete": False, "childSObject": child.name, "deprecatedAndHidden": False, "field": field.name,
            "junctionIdListNames": [], "junctionReferenceTo": [], "relationshipName": field.children,
            "restrictedDelete": False,
        }
        for child, field in schema.children(sobject)
    ]  # fmt: skip
    return {
        "actionOverrides": [],
        **summary(sobject, version),
        "childRelationships": relations,
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(caller, sobject, field) for field in caller.fields(sobject)],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {sobject.plural}", "name": "everything"}],
    }


def describe_field(caller: Caller, sobject: ObjectType, field: Field) -> dict[str, Any]:
    """One field; createable and updateable include this user's field-level access."""
    editable = caller.editable(sobject, field.name)
    is_text = field.type in TEXT_TYPES
    simple = field.type not in COMPOUND_TYPES | {ANY_TYPE} and not (field.type == "textarea" and field.length > 255)
    return {
        **dict.fromkeys(NEVER_SET),
        **dict.fromkeys(NEVER_TRUE, False),
        "aggregatable": simple,
        "autoNumber": field.auto_number,
        "byteLength": field.length * 3 if is_text else field.length,
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "createable": field.createable and sobject.createable and editable,
        "custom": field.custom,
        "defaultValue": (field.default == "true") if field.type == "boolean" else field.default,
        "defaultedOnCreate": field.type == "boolean" or field.default is not None or field.name == "OwnerId",
        "digits": 9 if field.type == "int" else 0,
        "externalId": field.external_id,
        "filterable": simple,
        "groupable": simple and field.type not in NUMBER_TYPES | {"datetime"},
        "idLookup": field.id_lookup,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [_choice(field, value) for value in field.picklist],
        "precision": field.precision,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": simple,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable and sobject.updateable and editable,
    }


def _choice(field: Field, value: str) -> dict[str, Any]:
    return {"active": True, "defaultValue": value == field.default, "label": value, "validFor": None, "value": value}
