"""Writes the golden files of the vault and the audit trail from their descriptions alone.

A second implementation, in another language and with another AES-GCM, so that the formats are what the documents say and not
what the code happens to do. Needs the Python package `cryptography`. The Rust tests read the files that it writes:

    python3 vectors.py
"""

import hashlib
import hmac
import pathlib
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).parent
SYSTEM, PATIENT, ACCOUNT, SOURCE, DIRECTORY = range(5)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def extract(secret):
    return mac(bytes(32), secret)


def expand(prk, label, blocks):
    out, last = b"", b""
    for number in range(1, blocks + 1):
        last = mac(prk, last + label + bytes([number]))
        out += last
    return out


def seal(prk, key_id, nonce, associated, plaintext):
    suite, key = b"\x01", struct.pack(">Q", key_id)
    okm = expand(prk, b"mychartum/rec/1" + suite + key + nonce[:12], 2)
    text = AESGCM(okm[:32]).encrypt(nonce[12:], plaintext, associated)
    return b"\x01" + suite + key + nonce + okm[32:] + text


def row_data(tenant, kind, partition, collection, row, version, order, key_id, tags):
    return (
        b"mychartum/row/1" + tenant + bytes([kind]) + partition
        + struct.pack(">H", collection) + row + struct.pack(">QqQQ", version, order, key_id, len(tags)) + b"".join(sorted(tags))
    )


def key_data(tenant, kind, partition, key_id):
    return b"mychartum/key/1" + tenant + bytes([kind]) + partition + struct.pack(">Q", key_id)


def blind(tenant_prk, label, domain, parts):
    prk = expand(expand(tenant_prk, label, 1), b"mychartum/domain/1" + struct.pack(">H", domain), 1)
    return mac(prk, b"".join(struct.pack(">Q", len(part)) + part for part in parts))[:16]


def write(name, lines):
    (HERE / name).write_text("".join(f"{key} = {value.hex()}\n" for key, value in lines))


def vault():
    tenant, secret, data_key = bytes([0x11] * 16), bytes(range(32)), bytes(range(32, 64))
    patient, row, key_id, nonce = bytes([0x22] * 16), bytes([0x33] * 16), 0x0102030405060708, bytes(range(64, 88))
    tags = [bytes([0x55] * 16), bytes([0x44] * 16)]
    prk = extract(secret)
    associated = row_data(tenant, PATIENT, patient, 7, row, 3, -5, key_id, tags)
    sealed = seal(extract(data_key), key_id, nonce, associated, b"a plain text")
    wrapped = seal(
        expand(prk, b"mychartum/tenant/wrap/1", 1), key_id, nonce, key_data(tenant, PATIENT, patient, key_id), data_key
    )
    audit = expand(prk, b"mychartum/tenant/audit/1" + bytes([PATIENT]) + patient, 1)
    audit_sealed = seal(extract(audit), 0, nonce, row_data(tenant, PATIENT, patient, 9, row, 1, 1, 0, []), b"an entry")
    record = b"\x01" + tenant + struct.pack(">H", 4) + b"wrap"
    founding = record + mac(expand(prk, b"mychartum/tenant/founding/1", 1), record)
    write("sealed_row.txt", [
        ("plaintext", b"a plain text"),
        ("sealed", sealed),
        ("wrapped data key", wrapped),
        ("sealed audit row", audit_sealed),
        ("founding", founding),
        ("tag", blind(prk, b"mychartum/tenant/tag/1", 1, [b"ada"])),
        ("item id", blind(prk, b"mychartum/tenant/id/1", 1, [b"riverside", b"Observation", b"17"])),
        ("row id", blind(prk, b"mychartum/tenant/id/1", 2, [b"one", b"two"])),
        ("password pepper", expand(prk, b"mychartum/tenant/password/1", 1)),
        ("token pepper", expand(prk, b"mychartum/tenant/token/1", 1)),
        ("accumulated", accumulated()),
    ])


def accumulated():
    """SHA-256 over 10,000 sealed rows, each with everything different."""
    every = hashlib.sha256()
    for i in range(10_000):
        number = struct.pack(">Q", i)
        seed = {what: sha(what.encode(), number) for what in ("secret", "nonce", "tenant", "partition", "row", "tag")}
        tags = [seed["tag"][:16], seed["tag"][16:]][: i % 3]
        associated = row_data(
            seed["tenant"][:16], i % 5, seed["partition"][:16], i, seed["row"][:16], i + 1, i - 5_000, i * i, tags
        )
        every.update(seal(extract(seed["secret"]), i * i, seed["nonce"][:24], associated, number * (i % 32)))
    return every.digest()


CHUNK = 1 << 16


def seal_blob(blob_key, salt, tenant, kind, partition, attachment, plaintext):
    fixed = b"\x01\x01\x10"
    okm = expand(extract(blob_key), b"mychartum/blob/1" + fixed + salt, 2)
    header = fixed + salt + okm[32:]
    associated = b"mychartum/blob/1" + tenant + bytes([kind]) + partition + attachment + header
    chunks = [plaintext[at:at + CHUNK] for at in range(0, len(plaintext), CHUNK)] or [b""]
    last = len(chunks) - 1
    return header + b"".join(
        AESGCM(okm[:32]).encrypt(bytes(7) + struct.pack(">IB", number, number == last), chunk, associated)
        for number, chunk in enumerate(chunks)
    )


def blob_name(tenant_prk, tenant, kind, partition, attachment):
    prk = expand(tenant_prk, b"mychartum/tenant/blob/1", 1)
    place = bytes([kind]) + partition + attachment
    salt = expand(prk, b"mychartum/name/salt/1" + place, 1)[:16]
    key = expand(prk, b"mychartum/name/key/1" + salt, 1)
    return salt + AESGCM(key).encrypt(bytes(12), place, b"mychartum/name/1" + tenant + salt)


def blobs():
    """Whole objects of short blobs, and the SHA-256 of those of long ones."""
    tenant, partition, attachment = bytes([0x11] * 16), bytes([0x22] * 16), bytes([0x66] * 16)
    key, salt, prk = bytes(range(32, 64)), bytes(range(64, 96)), extract(bytes(range(32)))

    def sealed(length):
        plaintext = bytes(at % 251 for at in range(length))
        return seal_blob(key, salt, tenant, PATIENT, partition, attachment, plaintext)

    lines = [(f"blob of {length}", sealed(length)) for length in (0, 1, 12)]
    lengths = (CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17)
    lines += [(f"digest of {length}", sha(sealed(length))) for length in lengths]
    lines += [(f"name in {kind}", blob_name(prk, tenant, kind, partition, attachment)) for kind in range(5)]
    write("sealed_blob.txt", lines)


def some(value):
    return b"\x00" if value is None else b"\x01" + value


def entry(position, at, action, outcome, purpose, count, sections, actor, options):
    return (
        b"\x01" + struct.pack(">QqHBBII", position, at, action, outcome, purpose, count, sections)
        + actor + b"".join(some(value) for value in options)
    )


def link(before, canonical):
    return sha(b"mychartum/ev/1", before, struct.pack(">I", len(canonical)), canonical)


def audit():
    tenant, patient = bytes([0x11] * 16), bytes([0x22] * 16)
    ids = {name: bytes([number] * 16) for number, name in enumerate(
        ["account", "grant", "session", "delivery", "record", "other"], 0xA0)}
    at = 1_790_000_000_123_456
    entries = [
        entry(1, at, 900, 1, 3, 0, 0, b"\x01", [None] * 7),
        entry(2, at + 1, 200, 1, 1, 50, 0x80000001, b"\x02" + ids["account"], [
            patient, ids["other"], ids["grant"], struct.pack(">H", 0x0102), ids["session"], ids["delivery"], ids["record"]]),
        entry(3, -1, 301, 3, 5, 0xFFFFFFFF, 0xFFFFFFFF, b"\x03" + ids["other"], [patient] + [None] * 6),
        entry(4, at, 101, 2, 5, 0, 0, b"\x00", [None, None, None, b"\xff\xff", None, None, None]),
    ]
    last = sha(b"mychartum/chain/1", tenant, bytes([PATIENT]), patient)
    lines = [("genesis", last)]
    for number, canonical in enumerate(entries, 1):
        last = link(last, canonical)
        lines += [(f"entry {number}", canonical), (f"link {number}", last)]
    write("audit_chain.txt", lines)


if __name__ == "__main__":
    vault()
    blobs()
    audit()
