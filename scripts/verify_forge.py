#!/usr/bin/env python3
"""Compares forged logs, as python-evtx and evtxexport read them, with what went into them.

usage: verify_forge.py DIR
DIR holds pairs of <name>.evtx and <name>.jsonl, written by the example `forge_expected`.
"""

import base64
import collections
import datetime
import json
import pathlib
import re
import subprocess
import sys
import uuid
import xml.etree.ElementTree as ET

import Evtx.Evtx

NAMESPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"
EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.timezone.utc)


class Reader:
    """One of the two parsers, with the faults of its own that the comparison knows of."""

    def __init__(self, name, events, time_slack, skips):
        self.name = name
        self.events = events
        self.time_slack = time_slack
        self.skips = skips
        self.values = 0
        self.wrong = []
        self.skipped = collections.Counter()


def python_evtx(path):
    with Evtx.Evtx.Evtx(str(path)) as log:
        # Every slot, since the headers of live logs say less than there is.
        for chunk in log.get_file_header().chunks(include_inactive=True):
            if not chunk.check_magic():
                continue
            if not chunk.verify():
                yield ValueError("a chunk's checksums are wrong")
            for record in chunk.records():
                try:
                    yield record.xml()
                except Exception as error:  # it raises whatever it stumbles over
                    yield error


def evtxexport(path):
    done = subprocess.run(["evtxexport", "-f", "xml", path], capture_output=True, text=True)
    if done.returncode != 0:
        yield RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr else "no output")
    # Some payloads have an element `Event` as well, but further in.
    yield from re.findall(r"^<Event .*?^</Event>", done.stdout, re.DOTALL | re.MULTILINE)


def python_evtx_skip(item, expected):
    """Faults of python-evtx, which it shows on logs of Windows alike."""
    if isinstance(item, Exception):
        return "payload without a template (CAPI2), not rendered" if expected["user_data"] else None
    texts = [text for name, _, text in expected["payload"] if name == ""]
    if "" in texts:
        return "list with an empty string, items lost"
    return None


def evtxexport_skip(item, expected):
    """Faults of evtxexport."""
    if any(ord(char) > 0xFFFF for _, _, text in expected["payload"] for char in text):
        return "character beyond the BMP, garbled"
    return None


def ticks(text):
    """100 ns since 1601 from any notation the readers use."""
    text = text.strip().replace("T", " ").removesuffix("Z").removesuffix("+00:00")
    seconds, _, fraction = text.partition(".")
    moment = datetime.datetime.strptime(seconds, "%Y-%m-%d %H:%M:%S")
    span = moment.replace(tzinfo=datetime.timezone.utc) - EPOCH
    return (span.days * 86400 + span.seconds) * 10_000_000 + int((fraction + "0000000")[:7])


def same(kind, expected, found, slack):
    if kind in ("null", "text"):
        return found == expected
    if kind == "integer":
        return int(found, 0) == int(expected, 0)
    if kind == "real":
        return float(found) == float(expected)
    if kind == "boolean":
        return found.lower() == expected
    if kind == "guid":
        return uuid.UUID(found) == uuid.UUID(expected)
    if kind == "time":
        return abs(ticks(found) - int(expected)) <= slack
    if kind == "binary":
        if re.fullmatch("[0-9A-F]*", found) and found == expected:
            return True
        return base64.b64decode(found).hex().upper() == expected
    raise ValueError(kind)


def local(element):
    return element.tag.rpartition("}")[2]


def payload(event):
    """[name, text] in order: fields, unnamed strings, paths below UserData's element."""
    data = event.find(NAMESPACE + "EventData")
    if data is not None:
        for child in data:
            name = child.get("Name", "") if local(child) == "Data" else local(child)
            text = child.text or ""
            items = re.findall(r"<string>(.*?)</string>", text, re.DOTALL)
            yield from ((name, item) for item in items or [text])
        return
    for outer in event.find(NAMESPACE + "UserData"):
        for child in outer:
            yield from leaves(local(child), child)


def leaves(path, element):
    for name, text in element.attrib.items():
        yield f"{path}/@{name}", text
    for child in element:
        yield from leaves(f"{path}/{local(child)}", child)
    if len(element) == 0 and (element.text or not element.attrib):
        yield path, element.text or ""


def system(event):
    """The values of System by the names that the expectation has."""
    root = event.find(NAMESPACE + "System")
    get = lambda name: root.find(NAMESPACE + name)
    text = lambda name: None if get(name) is None else get(name).text
    attribute = lambda name, key: None if get(name) is None else (get(name).get(key) or None)
    return {
        "machine": ("text", text("Computer")),
        "channel": ("text", text("Channel")),
        "provider": ("text", attribute("Provider", "Name")),
        "guid": ("guid", attribute("Provider", "Guid")),
        "event_id": ("integer", text("EventID")),
        "qualifiers": ("integer", attribute("EventID", "Qualifiers")),
        "version": ("integer", text("Version")),
        "level": ("integer", text("Level")),
        "task": ("integer", text("Task")),
        "opcode": ("integer", text("Opcode")),
        "keywords": ("integer", text("Keywords")),
        "time": ("time", attribute("TimeCreated", "SystemTime")),
        "record_id": ("integer", text("EventRecordID")),
        "activity_id": ("guid", attribute("Correlation", "ActivityID")),
        "process_id": ("integer", attribute("Execution", "ProcessID")),
        "thread_id": ("integer", attribute("Execution", "ThreadID")),
        "user_sid": ("text", attribute("Security", "UserID")),
    }


def compare(reader, expected, item):
    """Every value of one record; yields what differs."""
    event = ET.fromstring(item)
    for name, (kind, found) in system(event).items():
        wanted = expected[name]
        reader.values += 1
        if wanted is None or found is None:
            # An activity or a GUID that is not there may be shown as nil.
            if (wanted or found) and not (kind == "guid" and set(found or "") <= set("{}0-")):
                yield f"{name}: {found!r}, expected {wanted!r}"
        elif not same(kind, str(wanted), found, reader.time_slack):
            yield f"{name}: {found!r}, expected {wanted!r}"
    # An element without a value may be shown or left out, and so may Binary.
    wanted = [entry for entry in expected["payload"]]
    found = [pair for pair in payload(event)]
    shown = lambda name, text: text != "" or name not in ("", "Binary")
    wanted = [(name, kind, text) for name, kind, text in wanted if shown(name, text)]
    found = [(name, text) for name, text in found if shown(name, text)]
    nulls = [name for name, kind, _ in wanted if kind == "null"]
    if len(found) < len(wanted) and nulls:
        wanted = [entry for entry in wanted if entry[1] != "null"]
    if [name for name, _, _ in wanted] != [name for name, _ in found]:
        yield f"fields {[name for name, _ in found]}, expected {[name for name, _, _ in wanted]}"
        return
    for (name, kind, text), (_, seen) in zip(wanted, found):
        reader.values += 1
        slack = reader.time_slack
        try:
            good = same(kind, text, seen, slack)
        except ValueError as error:
            good, seen = False, f"{seen} ({error})"
        # python-evtx reads the milliseconds of a SYSTEMTIME as microseconds.
        if not good and kind == "time" and reader.name == "python-evtx":
            good = int(text) // 10_000_000 == ticks(seen) // 10_000_000
            reader.skipped["fraction of a SYSTEMTIME, misread"] += good
        if not good:
            yield f"{name} ({kind}): {seen!r}, expected {text!r}"


def main():
    folder = pathlib.Path(sys.argv[1])
    # python-evtx computes times in floating point.
    readers = [
        Reader("python-evtx", python_evtx, 20, python_evtx_skip),
        Reader("evtxexport", evtxexport, 0, evtxexport_skip),
    ]
    failed = False
    for path in sorted(folder.glob("*.evtx")):
        lines = path.with_suffix(".jsonl").read_text("utf-8").splitlines()
        expected = [json.loads(line) for line in lines]
        if expected and expected[0]["forwarded"]:
            print(f"{path.name}: {len(expected)} forwarded records skipped: neither reader can "
                  "read records without a template, whoever wrote them")
            continue
        for reader in readers:
            items = list(reader.events(path))
            before = len(reader.wrong)
            if len(items) != len(expected):
                reader.wrong.append(f"{path.name}: {len(items)} records, expected {len(expected)}")
            for number, (item, want) in enumerate(zip(items, expected), 1):
                skip = reader.skips(item, want)
                if skip:
                    reader.skipped[skip] += 1
                elif isinstance(item, Exception):
                    reader.wrong.append(f"{path.name} record {number}: {item!r}")
                else:
                    for difference in compare(reader, want, item):
                        reader.wrong.append(f"{path.name} record {number}: {difference}")
            state = "equal" if len(reader.wrong) == before else "DIFFERENT"
            print(f"{path.name}: {reader.name} read {len(items)} of {len(expected)} records, {state}")
    for reader in readers:
        print(f"{reader.name}: {reader.values} values compared, {len(reader.wrong)} wrong")
        for reason, count in sorted(reader.skipped.items()):
            print(f"  not compared, a fault of {reader.name}: {count} x {reason}")
        for difference in reader.wrong[:20]:
            print(f"  {difference}")
        failed |= bool(reader.wrong) or reader.values == 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
