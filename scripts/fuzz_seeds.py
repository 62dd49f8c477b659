#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets from the forged logs of the fixtures: a few KB each.

Run in the project's folder. The same fixtures give the same seeds.
"""

import bz2
import gzip
import io
import lzma
import pathlib
import random
import struct
import subprocess
import tarfile
import zipfile

CORPUS = pathlib.Path("fuzz/corpus")
HEADER, CHUNK_HEADER = 4096, 512
RANDOM = random.Random(7)


def put(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            archive.writestr(info, content, compress_type=method)
    return out.getvalue()


def tarred(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def logs():
    """The beginnings of forged logs, and the first record of each."""
    found = {}
    wanted = {
        "security": "fixtures/wrong-password/logs/*Security.evtx",
        "rdpcorets": "fixtures/wrong-password/logs/*RdpCoreTS*.evtx",
        "system": "fixtures/certificate-key-unreadable/logs/*System.evtx",
        "lsm": "fixtures/wrong-password/logs/*LocalSessionManager*.evtx",
    }
    for name, pattern in wanted.items():
        log = sorted(pathlib.Path(".").glob(pattern))[0].read_bytes()
        (free,) = struct.unpack_from("<I", log, HEADER + 48)
        found[name] = log[: HEADER + min(free, 6000)]
        put("read_log", name, found[name])
        record = HEADER + CHUNK_HEADER
        (size,) = struct.unpack_from("<I", log, record + 4)
        put("read_record", name, log[record + 24 : record + size - 4])
    return found


def exports():
    xml = (
        '<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
        '<Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID>'
        '<TimeCreated SystemTime="2026-03-07T08:00:04.0600000Z"/><EventRecordID>7</EventRecordID>'
        "<Channel>Security</Channel><Computer>SRV06</Computer></System><EventData>"
        '<Data Name="TargetUserName">joe &amp; co</Data><Data Name="LogonType">3</Data>'
        "</EventData></Event></Events>"
    )
    put("export", "events.xml", xml.encode())
    put("export", "events-utf16.xml", b"\xff\xfe" + xml.encode("utf-16-le"))
    dump = (
        '{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-'
        'Auditing"}},"EventID":4625,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-07T'
        '08:00:04.060000Z"}},"EventRecordID":7,"Channel":"Security","Computer":"SRV06"},'
        '"EventData":{"TargetUserName":"joe","LogonType":3}}}\n'
    )
    put("export", "dump.jsonl", dump.encode() * 2)
    beats = (
        '{"@timestamp":"2026-03-07T08:00:04.060Z","winlog":{"channel":"Security",'
        '"computer_name":"SRV06","event_id":"4625","provider_name":"Microsoft-Windows-Security-'
        'Auditing","record_id":7,"event_data":{"TargetUserName":"joe","LogonType":"3"}}}\n'
    )
    put("export", "beats.jsonl", beats.encode() * 2)


def archives(log):
    files = [("a/Security.evtx", log), ("notes.txt", b"x" * 40)]
    put("archive", "deflated.zip", zipped(files))
    put("archive", "bzip2.zip", zipped(files, zipfile.ZIP_BZIP2))
    put("archive", "lzma.zip", zipped(files, zipfile.ZIP_LZMA))
    nested = [("in.zip", zipped(files)), ("../../x.evtx", b"ElfFile\0")]
    put("archive", "nested.zip", zipped(nested))
    tar = tarred(files)
    put("archive", "case.tar.gz", gzip.compress(tar, mtime=0))
    put("archive", "case.tar.xz", lzma.compress(tar))
    put("archive", "case.tar.bz2", bz2.compress(tar))
    zstd = subprocess.run(["zstd", "-c"], input=tar, stdout=subprocess.PIPE, check=True)
    put("archive", "case.tar.zst", zstd.stdout)


def notes():
    """What stands beside logs: searched for logs like archives, and read."""
    thumbprint = "00112233445566778899aabbccddeeff00112233"
    certutil = (
        'My "Personnel"\r\n================ Certificat 0 ================\r\n NotBefore : '
        "13/02/2025 01:00\r\n NotAfter : 1/2/2026 01:00\r\nHach. cert. (sha1) : "
        f"{thumbprint}\r\n  Fournisseur = x\r\nCertUtil: -store\r\n"
    )
    registry = (
        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\"
        'CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp]\r\n"PortNumber"='
        'dword:00000d3d\r\n"SSLCertificateSHA1Hash"=hex:00,11,\\\r\n  22\r\n"x"=hex(2):41,00\r\n'
        '"y"="\\"z\\""\r\n[HKEY_LOCAL_MACHINE\\x\\FirewallPolicy\\FirewallRules]\r\n"r"="v2.30|'
        'Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=3389|LPort=80|RA4=10.0.0.0/8|"\r\n'
    )
    certificates = (
        f'[{{"Thumbprint": "{thumbprint}", "NotAfter": "\\/Date(1771574400000)\\/",'
        ' "HasPrivateKey": true, "PSParentPath": "x::LocalMachine\\\\My"}]\n'
    )
    rules = "#TYPE x\n\"Name\",\"Enabled\",\"Direction\",\"Action\",\"LocalPort\"\na,1,1,4,3389\n"
    hotfixes = "\nSource Description HotFixID InstalledOn\n------ ---- ----\nA B KB5055523 1/2/2026\n"
    info = (
        "\nHostname: SRV06\nOS: Microsoft Windows Server 2025\nVersion: 10.0.26100 N/A\n"
        "Hotfix: 1\n  [01]: KB5051987\n"
    )
    listing = "Name : a\nEnabled : False\nDirection : Inbound\nAction : Allow\n\nName=b\n"
    ports = "  TCP  0.0.0.0:3389  0.0.0.0:0  LISTEN  4\n" * 3
    put("archive", "certutil.txt", certutil.encode("cp850"))
    put("archive", "listener.reg", b"\xff\xfe" + registry.encode("utf-16-le"))
    put("archive", "certificates.json", certificates.encode())
    put("archive", "rules.csv", rules.encode())
    put("archive", "hotfixes.txt", hotfixes.encode())
    put("archive", "systeminfo.txt", info.encode())
    put("archive", "rules.txt", listing.encode())
    put("archive", "netstat.txt", ports.encode())


def rules():
    kinds = [("signals/*.yml", 0), ("causes/*/*.yml", 1), ("playbooks/*.yml", 2), ("codes/*.yml", 3)]
    for pattern, kind in kinds:
        paths = [p for p in pathlib.Path("rules").glob(pattern) if ".test." not in p.name]
        paths = [p for p in paths if p.stat().st_size < 8000]
        for path in sorted(paths, key=lambda p: (p.stat().st_size, p.name))[:2]:
            put("rules", path.name, bytes([kind]) + path.read_bytes())


def texts():
    for name, size in (("few", 300), ("many", 3000)):
        put("forge", name, RANDOM.randbytes(size))
    hostile = ["\x1b[2J", "=cmd|x", "\u202ex", "<script>", "a\u200bb", '"\\', "\x9b31m"]
    units = [text.encode("utf-16-le") for text in hostile * 8]
    put("report", "hostile", b"".join(bytes([len(unit) // 2]) + unit for unit in units))
    put("report", "noise", RANDOM.randbytes(1500))


archives(logs()["security"])
exports()
notes()
rules()
texts()
