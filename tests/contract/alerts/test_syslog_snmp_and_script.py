"""Syslog, SNMP and a program of the operator's, each against the real other side."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailock.alerts.notice import Notice, NotSent
from mailock.alerts.script import ScriptChannel
from mailock.alerts.snmp import Community, SnmpChannel, User, engine_id
from mailock.alerts.syslog import SyslogChannel
from mailock.net.syslogwire import SyslogWire, collector
from tests.parts.certificates import Authority
from tests.parts.hop import until
from tests.parts.ports import LOOPBACK
from tests.parts.rsyslog import Rsyslog, rsyslog
from tests.parts.snmptrapd import Snmptrapd, snmptrapd

HOSTILE = 'a "disk"] is \x1b[31mfull\n<14>1 forged ä'
NOTICE = Notice(kind="storage", about="/var]x", text=HOSTILE, at=1_790_000_000.25, node="mx1", repeated=2)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Rsyslog]:
    with rsyslog(authority) as running:
        yield running


@pytest.fixture(scope="module")
def receiver() -> Iterator[Snmptrapd]:
    with snmptrapd(engine_id("mx1")) as running:
        yield running


@pytest.mark.serial
@pytest.mark.parametrize("protocol", ["udp", "tcp", "tls"])
async def test_syslog_arrives_whole_and_as_one_message(server: Rsyslog, authority: Authority, protocol: str) -> None:
    before = len(server.messages())
    wire = SyslogWire(collector(server.url(protocol)), authorities=authority.root)
    channel = SyslogChannel(wire.send)
    await channel.send(NOTICE)
    await channel.send(NOTICE)
    await until(lambda: len(server.messages()) >= before + 2, 10, server.process.printed)
    wire.close()
    one, two = server.messages()[before:]
    assert one["msg"] == two["msg"]
    assert one["msg"].lstrip("\ufeff") == NOTICE.sentence
    assert "\n" not in one["msg"]
    assert (one["hostname"], one["app-name"], one["msgid"]) == ("mx1", "mailock", "alert")
    assert (one["syslogfacility"], one["syslogseverity"]) == ("2", "1")
    assert json.loads(json.dumps(one["structured-data"])) == (
        '[mailock@32473 kind="storage" about="/var\\]x" repeated="2"]'
    )


@pytest.mark.serial
async def test_a_syslog_server_that_nobody_vouches_for_gets_nothing(server: Rsyslog, tmp_path: Path) -> None:
    before = len(server.messages())
    stranger = Authority(tmp_path)
    wire = SyslogWire(collector(server.url("tls")), authorities=stranger.root)
    with pytest.raises(NotSent, match="its certificate is not good"):
        await SyslogChannel(wire.send).send(NOTICE)
    assert len(server.messages()) == before


async def test_a_syslog_server_that_is_not_there_is_told_of() -> None:
    with pytest.raises(NotSent, match=r"tcp://127\.0\.0\.1:1: Connection refused"):
        await SyslogChannel(SyslogWire(collector("tcp://127.0.0.1:1")).send).send(NOTICE)


@pytest.mark.serial
@pytest.mark.parametrize(
    "who",
    [
        Community(word="community-word"),
        User(name="watcher", authentication="authentic-words", privacy="private-words"),
    ],
)
async def test_traps_arrive_with_the_objects_of_the_mib(receiver: Snmptrapd, who: Community | User) -> None:
    before = len(receiver.traps())
    channel = SnmpChannel(LOOPBACK, receiver.port, who, node="mx1")
    plain = Notice(kind="storage", about="/var", text="the disk is full", at=1_790_000_000.0, node="mx1", repeated=2)
    await channel.send(plain)
    await channel.send(plain)
    await until(lambda: len(receiver.traps()) >= before + 2, 10, receiver.process.printed)
    trap = receiver.traps()[before]
    assert "32473.25.0.1" in trap
    for place, value in enumerate(('"mx1"', '"storage"', '"/var"', '"storage: the disk is full', "2"), 1):
        assert f"32473.25.1.{place}.0 = " in trap
        assert value in trap


@pytest.mark.serial
async def test_another_start_of_ours_is_still_believed(receiver: Snmptrapd) -> None:
    before = len(receiver.traps())
    user = User(name="watcher", authentication="authentic-words", privacy="private-words")
    for _ in range(2):
        await SnmpChannel(LOOPBACK, receiver.port, user, node="mx1").send(NOTICE)
    await until(lambda: len(receiver.traps()) >= before + 2, 10, receiver.process.printed)


@pytest.mark.serial
async def test_a_wrong_password_is_not_believed(receiver: Snmptrapd) -> None:
    before = len(receiver.traps())
    wrong = User(name="watcher", authentication="other-words", privacy="private-words")
    await SnmpChannel(LOOPBACK, receiver.port, wrong, node="mx1").send(NOTICE)
    await SnmpChannel(LOOPBACK, receiver.port, Community(word="community-word"), node="mx1").send(NOTICE)
    await until(lambda: len(receiver.traps()) > before, 10, receiver.process.printed)
    assert len(receiver.traps()) == before + 1


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "tell"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    return write


async def test_a_script_gets_the_alert_as_json_and_its_arguments_as_they_are(
    script: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    told = tmp_path / "told"
    path = script(f'cat > {told}; printf "%s" "$1" > {told}.argument; env > {told}.environment')
    await ScriptChannel((path, "$(id); `id`")).send(NOTICE)
    assert json.loads(told.read_text())["text"] == NOTICE.sentence
    assert Path(f"{told}.argument").read_text() == "$(id); `id`"
    assert "SECRET_OF_OURS" not in Path(f"{told}.environment").read_text()


async def test_a_script_that_fails_or_hangs_is_told_of_and_nothing_of_it_stays(
    script: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(NotSent, match="the script tell ended with 3: no network"):
        await ScriptChannel((script("echo no network; exit 3"),)).send(NOTICE)
    pid = tmp_path / "pid"
    with pytest.raises(NotSent, match=r"did not end within 0\.3 s and was killed"):
        await ScriptChannel((script(f"sleep 60 & echo $! > {pid}; wait"),), seconds=0.3).send(NOTICE)
    await until(lambda: not _runs(int(pid.read_text())), 5, lambda: "its child lives on")
    with pytest.raises(NotSent, match="ended with 1: y y y"):
        await ScriptChannel((script("yes | head -c 3000000; exit 1"),)).send(NOTICE)
    with pytest.raises(NotSent, match="cannot be started"):
        await ScriptChannel((str(tmp_path / "none"),)).send(NOTICE)


def _runs(pid: int) -> bool:
    """Whether the process is there and no corpse that nobody has fetched yet."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
