"""What goes wrong around mailbot: one clear line each with its exit status, no traceback, nothing lost."""

import resource
import signal

import pytest

from tests.flow.world import World
from tests.servers import free_port
from tests.servers.dovecot import dovecot_server
from tests.servers.smtp import smtp_sink

ANNA = "anna.berg@verein.example"
TEXT = "Hiermit melde ich mich zur Klima-Werkstatt an.\n\nName: Anna Berg\nInstitution: Verein Lippe\n"


def complaint(done, status):
    """Check that a run ended with this status and a short message; gives the message."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert 0 < len([line for line in done.stderr.splitlines() if line.startswith("mailbot:")]) <= 2, done.stderr
    return done.stderr


def test_a_wrong_password_is_status_77_and_never_printed(world):
    """The key to mend is named."""
    text = world.path.read_text().replace('"secret"', '"very-wrong-secret"')
    world.path.write_text(text)
    said = complaint(world.cli("run", "--once"), 77)
    assert "mailbox.password" in said
    assert "very-wrong" not in said


def test_an_unreachable_mailbox_is_status_75(world):
    """Nobody listens at the port."""
    world.path.write_text(world.path.read_text().replace(f"port = {world.dovecot.port}", f"port = {free_port()}"))
    assert "mailbox.port" in complaint(world.cli("run", "--once"), 75)


def test_an_unreachable_smtp_server_keeps_the_answer_for_the_next_run(world):
    """The mail is handled and filed, its answer waits; when the server is back it is sent once."""
    right = world.path.read_text()
    world.path.write_text(right.replace(f"port = {world.sink.port}", f"port = {free_port()}"))
    world.arrive(TEXT, f"Anna Berg <{ANNA}>")
    with pytest.raises(Exception, match="can't be reached"):
        world.run()
    assert world.participants() == {"Anna Berg": "registered"}
    assert world.json("status")["outbox"]["queued"] == 1
    world.path.write_text(right)
    assert world.run() == 0
    assert len(world.sink.taken) == 1


def test_a_broken_template_is_status_78_before_any_mail_is_touched(world):
    """File and line are named."""
    own = world.folder / "own" / "de"
    own.mkdir(parents=True)
    (own / "registration-confirmed.j2").write_text("{% block subject %}{{ nobody_knows }}{% endblock %}{% if %}")
    world.configure(more='[templates]\npath = "own"')
    world.arrive(TEXT, f"Anna Berg <{ANNA}>")
    assert "registration-confirmed.j2" in complaint(world.cli("run", "--once"), 78)
    assert world.folders() == {"INBOX": ["Klima-Werkstatt"]}


def test_a_full_disk_is_status_75_and_nothing_is_lost(world):
    """The store can't grow: the mail stays where it is and is handled when there is room again."""
    world.run()
    world.arrive(TEXT + "x" * 20_000, f"Anna Berg <{ANNA}>")
    size = 16_384  # of any file: the store's write-ahead log can't grow beyond it

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    complaint(world.cli("run", "--once", preexec_fn=no_room), 75)
    assert world.folders()["INBOX"] == ["Klima-Werkstatt"]
    assert world.run() == 0
    assert len(world.sink.taken) == 1


def test_a_missing_right_to_make_folders_is_one_clear_line(tmp_path):
    """Each folder and the remedy are named; the mail stays."""
    with dovecot_server(may_create=False) as dovecot, smtp_sink() as sink:
        world = World(dovecot, sink, tmp_path, "anna")
        world.arrive(TEXT, f"Anna Berg <{ANNA}>")
        done = world.cli("run", "--once")
        assert done.returncode == 78
        assert "Traceback" not in done.stderr
        assert "'Mailbot/Done' is missing and can't be created" in done.stderr
        assert world.folders() == {"INBOX": ["Klima-Werkstatt"]}


def test_all_problems_of_a_configuration_are_told_at_once(world):
    """Unknown key, wrong type and a missing section in one go, with the remedy; no secret."""
    text = world.path.read_text().replace('password = "secret"', 'pasword = "hush-hush"').replace("[organiser]", "[organizer]")
    world.path.write_text(text)
    done = world.cli("run", "--once")
    assert done.returncode == 78
    assert "password" in done.stderr
    assert "organiser" in done.stderr
    assert "hush" not in done.stderr
