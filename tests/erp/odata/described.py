"""Metadata documents (EDMX of v2 and v4) from the facts that the TOML files here hold about a service."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Facts = Mapping[str, Mapping[str, Mapping[str, Any]]]
V2 = (
    '<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"'
    ' xmlns:sap="http://www.sap.com/Protocols/SAPData"'
    ' xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
    '<edmx:DataServices m:DataServiceVersion="2.0">'
    '<Schema Namespace="S" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">'
)
V4 = (
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
)
END = "</Schema></edmx:DataServices></edmx:Edmx>"


def facts(name: str) -> Facts:
    """Service -> entity set -> keys, properties and what it leads to."""
    found: Facts = tomllib.loads((HERE / f"{name}_facts.toml").read_text(encoding="utf-8"))
    return found


def kind(text: str) -> str:
    """The type of a property, without "day"."""
    return "Edm." + text.removesuffix(" day")


def metadata(service: Mapping[str, Mapping[str, Any]], version: str) -> str:
    """The document for one service."""
    types, sets, associations = [], [], []
    for name, described in service.items():
        keys = "".join(f'<PropertyRef Name="{key}"/>' for key in described["keys"])
        body = f"<Key>{keys}</Key>"
        for each, text in described.items():
            if each == "keys":
                continue
            if not text.startswith("->"):
                body += _property(each, text, each in described["keys"])
                continue
            aim, many = text.split()[-1], " many " in text
            if version == "v4":
                aimed = f"Collection(S.{aim}Type)" if many else f"S.{aim}Type"
                body += f'<NavigationProperty Name="{each}" Type="{aimed}"/>'
            else:
                body += f'<NavigationProperty Name="{each}" Relationship="S.{name}_{each}" FromRole="A" ToRole="B"/>'
                associations.append(
                    f'<Association Name="{name}_{each}"><End Type="S.{name}Type" Multiplicity="1" Role="A"/>'
                    f'<End Type="S.{aim}Type" Multiplicity="{"*" if many else "0..1"}" Role="B"/></Association>'
                )
        types.append(f'<EntityType Name="{name}Type">{body}</EntityType>')
        sets.append(f'<EntitySet Name="{name}" EntityType="S.{name}Type"/>')
    links = [_association_set(each) for each in associations]
    container = (
        f'<EntityContainer Name="C" m:IsDefaultEntityContainer="true">{"".join([*sets, *links])}</EntityContainer>'
    )
    if version == "v4":
        container = container.replace(' m:IsDefaultEntityContainer="true"', "")
    return (V2 if version == "v2" else V4) + "".join([*types, *associations, container]) + END


def _property(name: str, text: str, key: bool) -> str:
    extra = ' Nullable="false"' if key else ""
    if text == "DateTime day":
        extra += ' Precision="0" sap:display-format="Date"'
    type_ = "Edm.String" if text == "enum" else kind(text)
    return f'<Property Name="{name}" Type="{"S.Kind" if text == "enum" else type_}"{extra}/>'


def _association_set(association: str) -> str:
    name = association.split('"')[1]
    ends = association.split("<End ")[1:]
    roles = [(end.split('Type="S.')[1].split("Type")[0], end.split('Role="')[1][0]) for end in ends]
    inside = "".join(f'<End EntitySet="{entity}" Role="{role}"/>' for entity, role in roles)
    return f'<AssociationSet Name="{name}Set" Association="S.{name}">{inside}</AssociationSet>'
