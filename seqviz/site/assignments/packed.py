"""What the content packages of all versions of QTI share."""

import zipfile
from xml.etree import ElementTree as Xml

PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"


def manifest_of(name: str, schema: str = "") -> tuple[Xml.Element, Xml.Element]:
    """Return a manifest and its element for the resources, still empty.

    Args:
        name: its identifier.
        schema: what is in the package; not said if empty.
    """
    manifest = Xml.Element("manifest", {"xmlns": PACKAGE, "identifier": name})
    if schema:
        metadata = Xml.SubElement(manifest, "metadata")
        Xml.SubElement(metadata, "schema").text = schema
        Xml.SubElement(metadata, "schemaversion").text = "1.0.0"
    Xml.SubElement(manifest, "organizations")
    return manifest, Xml.SubElement(manifest, "resources")


def add(archive: zipfile.ZipFile, name: str, element: Xml.Element) -> None:
    """Write an element as a file, always the same bytes for the same element."""
    text = Xml.tostring(element, encoding="utf-8", xml_declaration=True)
    archive.writestr(zipfile.ZipInfo(name), text)
