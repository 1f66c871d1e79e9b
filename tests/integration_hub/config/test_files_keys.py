"""What a source of files may say in hub.toml, and what is refused with its place and the fix."""

import pytest

from integration_hub.config import ConfigurationError
from integration_hub.config.control_line import control_line
from integration_hub.config.reading import read_hub

HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[[sources]]
name = "us"
label = "Files"
kind = "files"
{source}

[[sources.streams]]
name = "orders"
target = "erp_order"
path = "orders_*.csv"
{stream}
"""
SERVER = '''url = "sftp://reader@files.example.com:2222/out"
password = "${SECRET}"
host_key = "SHA256:abc"'''


@pytest.fixture
def read(tmp_path):
    def reading(source='directory = "drops"', stream=""):
        path = tmp_path / "hub.toml"
        path.write_text(HUB.format(source=source, stream=stream), encoding="utf-8")
        return read_hub(path, {"SECRET": "s3cret"})

    return reading


def test_a_server_a_key_and_an_archive_are_read_and_nothing_secret_is_shown(read, tmp_path):
    source = read(SERVER + '\nprivate_key_file = "reader.key"\narchive_directory = "kept"\narchive_days = 0').sources[0]
    assert (source.password, source.host_key) == ("s3cret", "SHA256:abc")
    assert source.private_key_file == str(tmp_path / "reader.key")
    assert source.archive_directory == str(tmp_path / "kept")
    assert source.directory == ""
    assert "s3cret" not in repr(source)
    assert "files.example.com" not in repr(source)


def test_deltas_with_totals_are_read(read):
    stream = (
        read(
            stream='delivery = "delta"\nfull_path = "full_*.csv"\nsequence = true\ntrailer = "T;{rows}"\n'
            'control = "{stem}.ctl"\ncontrol_totals = "{rows} {sum:Net Total}"'
        )
        .sources[0]
        .streams[0]
    )
    assert (stream.delivery, stream.order, stream.sequence) == ("delta", "name", True)
    assert control_line(stream.control_totals).figures == ("rows", "Net Total")


@pytest.mark.parametrize(
    ("source", "stream", "words"),
    [
        ("", "", "has no directory and no url"),
        (SERVER + '\ndirectory = "drops"', "", "has both directory and url"),
        ('url = "https://files.example.com"', "", "not the address of an SFTP server"),
        ('url = "sftp://files.example.com/"', "", "not the address of an SFTP server"),
        ('url = "sftp://reader@files.example.com/"', "", "Nothing says how to sign in"),
        ('url = "sftp://reader:secret@files.example.com/"', "", "A secret stands in the file"),
        (SERVER.replace("${SECRET}", "open"), "", "A secret stands in the file"),
        ('directory = "drops"\narchive_directory = "drops/kept"', "", "lies in the ERP's own folder"),
        ('directory = "drops"\narchive_days = -1', "", "below zero"),
        (SERVER, 'delivery = "delta"\nfull_path = "*/full.csv"', "only the last part of a path may be a pattern"),
        ('directory = "drops"', 'delivery = "delta"\nfull_path = "../full.csv"', "leaves the source's directory"),
        ('directory = "drops"', 'full_path = "full_*.csv"', "only for files of changed rows"),
        ('directory = "drops"', "sequence = true", "only for files of changed rows"),
        ('directory = "drops"', 'delivery = "delta"\nsequence = true\norder = "time"', "order of their numbers"),
        ('directory = "drops"', 'cursor = "changed"', "no change mark"),
        ('directory = "drops"', 'sheet = "Orders"', "Only XLSX files have sheets"),
        ('directory = "drops"\nformat = "xlsx"', 'trailer = "{rows}"', "no last line with totals"),
        ('directory = "drops"', 'control = "{name}.ctl"', "both are needed"),
        ('directory = "drops"', 'control_totals = "{rows}"', "both are needed"),
        ('directory = "drops"', 'control = "all.ctl"\ncontrol_totals = "{rows}"', "does not say to which file"),
        ('directory = "drops"', 'control = "{name}"\ncontrol_totals = "{rows}"', "would be the file itself"),
        ('directory = "drops"', 'trailer = "END"', "neither {rows} nor {sum:COLUMN}"),
        ('directory = "drops"', 'trailer = "{rows} {total}"', "a place that is none of"),
    ],
)
def test_what_cannot_work_is_refused(read, source, stream, words):
    with pytest.raises(ConfigurationError) as caught:
        read(source, stream)
    assert words in caught.value.problem
    assert "hub.toml" in caught.value.where
    assert caught.value.fix
