"""The configuration: every problem at once, no secret ever printed, the example complete."""

import re
import tomllib
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from mailbot.config import example, find, load, resolve, schema
from mailbot.errors import ConfigError
from mailbot.settings import EventMail, Period, Recipient, Rule, SecretRef, Settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"
MINIMAL = """
[organiser]
name = "Büro"
contact = "kontakt@buero.example"

[mailbox]
address = "anmeldung@buero.example"
host = "imap.buero.example"
password = { env = "PW" }

[smtp]
host = "smtp.buero.example"
password = { env = "PW" }

[[events]]
id = "werkstatt"
title = "Werkstatt"
starts = 2027-03-11T18:00:00
ends = 2027-03-11T20:30:00
"""


FROM_ENVIRONMENT = {"MAILBOT_SMTP__PASWORD": "hunter2-secret"}  # apart, since a traceback shows the lines it went through


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    return file


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), environ or {})
    assert caught.value.exit_status == 78
    assert caught.value.remedy
    return "\n".join(caught.value.problems)


def test_minimal_configuration_is_enough(tmp_path: Path) -> None:
    """The keys that DESIGN section 5 calls required are all that is required."""
    settings = load(written(tmp_path, MINIMAL), {})
    assert settings.controller.name == "Büro"
    assert settings.smtp.username == "anmeldung@buero.example"
    assert settings.mailboxes[0].login == "anmeldung@buero.example"


def test_smtp_without_password_logs_in_nowhere(tmp_path: Path) -> None:
    """A relay that asks for no password gets no user name."""
    text = MINIMAL.replace('host = "smtp.buero.example"\npassword = { env = "PW" }', 'host = "smtp.buero.example"')
    assert load(written(tmp_path, text), {}).smtp.username == ""


def test_times_are_in_the_events_zone(tmp_path: Path) -> None:
    """A naive time means the event's zone, which is the organiser's unless it says otherwise."""
    text = MINIMAL.replace('name = "Büro"', 'name = "Büro"\ntimezone = "Europe/Lisbon"')
    starts = load(written(tmp_path, text), {}).events[0].starts
    assert starts.utcoffset() == timedelta(0)
    given = text.replace("18:00:00", "18:00:00+01:00")
    assert load(written(tmp_path, given), {}).events[0].starts.isoformat() == "2027-03-11T17:00:00+00:00"
    there = text + 'timezone = "America/New_York"\n'
    assert load(written(tmp_path, there), {}).events[0].starts.astimezone(UTC) == datetime(2027, 3, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("contact =", "kontact =", "organiser.kontact: unknown key, did you mean contact?"),
        ("contact =", "kontact =", "organiser.contact: is missing: a human's address"),
        ("[smtp]", "[stmp]", "stmp: unknown key, did you mean smtp?"),
        ("password = {", "pasword = {", "mailbox.pasword: unknown key, did you mean password?"),
        ('{ env = "PW" }', '{ evn = "PW" }', "mailbox.password.evn: unknown key, did you mean env?"),
        ("host =", "port = 70000\nhost =", "mailbox.port: must be less than or equal to 65535"),
        ("host =", 'port = "many"\nhost =', "mailbox.port: must be a whole number"),
        ("host =", 'security = "ssl"\nhost =', "mailbox.security: must be one of 'tls', 'starttls' or 'none'"),
        ("host =", 'security = "none"\nhost =', 'security = "none" would send the password in clear'),
        ("host =", 'max_age = "14 days"\nhost =', "mailbox.max_age: '14 days' is no ISO 8601 duration"),
        ("host =", "max_age = 14\nhost =", "mailbox.max_age: write an ISO 8601 duration in quotes"),
        ("starts = 2027-03-11T18:00:00", 'starts = "soon"', "events[werkstatt].starts: must be a date and time without quotes"),
        ("ends = 2027-03-11T20", "ends = 2027-03-10T20", "ends must be after starts"),
        ('id = "werkstatt"', 'id = "Werk statt"', "events[Werk statt].id: may hold small letters"),
        ("ends =", "opens = 2027-02-02T00:00:00\ncloses = 2027-02-01T00:00:00\nends =", "closes must be after opens"),
        (
            '"anmeldung@buero.example"',
            '"Büro <anmeldung@buero.example>"',
            "mailbox.address: 'Büro <anmeldung@buero.example>' is no e-mail",
        ),
        ('"kontakt@buero.example"', '"kontakt"', "organiser.contact: 'kontakt' is no e-mail address"),
        ('title = "Werkstatt"', "title = 5", "events[werkstatt].title: "),
        ("[smtp]", '[retention]\nledger = { after = "never", keep = "P1D" }\n[smtp]', "retention.ledger.after: must be one of"),
        ("[smtp]", '[[mailboxes]]\nid = "b"\n[smtp]', "write either one [mailbox] or several [[mailboxes]]"),
        ('name = "Büro"', 'name = "Büro"\nlanguages = ["de", "xx"]', "does not understand 'xx'"),
        ('name = "Büro"', 'name = "Büro"\nholidays = "DE-XX"', "organiser.holidays: there is no region 'DE-XX'"),
        ('name = "Büro"', 'name = "Büro"\nholidays = "Bavaria"', "organiser.holidays: there is no region 'Bavaria'"),
        ('name = "Büro"', 'name = "Büro"\ntimezone = "Berlin"', "organiser.timezone: 'Berlin' is no time zone"),
        ("[smtp]", '[templates]\npath = "nowhere"\n[smtp]', "templates.path: the folder"),
        ("host = ", 'folder = ["a"]\nhost = ', "mailbox.folder: must be text in quotes"),
        ('address = "anmeldung@buero.example"\n', "", "mailbox.address: is missing"),
        ('password = { env = "PW" }\n\n[smtp]', "\n[smtp]", "mailbox.password: is missing"),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_to_do(tmp_path: Path, old: str, new: str, says: str) -> None:
    """Each sentence begins with the key as it stands in the file and says what is wrong."""
    assert old in MINIMAL
    assert says in problems(tmp_path, MINIMAL.replace(old, new, 1))


@pytest.mark.parametrize(
    ("mails", "says"),
    [
        ('[{ template = "remindr", before = "P1D" }]', "did you mean reminder?"),
        ('[{ template = "event-cancelled", before = "P1D" }]', "it goes out with `mailbot send`"),
        ('[{ template = "reminder" }]', "write either before"),
        ('[{ template = "reminder", before = "P1D", after = "P1D" }]', "write either before"),
    ],
)
def test_a_planned_mail_that_can_not_go_out_is_a_problem(tmp_path: Path, mails: str, says: str) -> None:
    """An event's mails name templates that may go out by themselves, and one moment."""
    assert says in problems(tmp_path, MINIMAL + f"mails = {mails}\n")


def test_all_problems_at_once(tmp_path: Path) -> None:
    """One run is enough to learn everything that must be corrected."""
    text = MINIMAL.replace("contact =", "kontact =").replace("2027-03-11T18:00:00", '"x"').replace("[smtp]", "[smtp]\nport = 0")
    told = problems(tmp_path, text, {"MAILBOT_STORE__URLL": "x"})
    for key in ("organiser.kontact", "events[werkstatt].starts", "smtp.port", "$MAILBOT_STORE__URLL"):
        assert key in told
    assert "controller" not in told  # it takes the organiser's values and would only repeat them
    assert "events: " not in told


def test_several_mailboxes_are_named_by_their_id(tmp_path: Path) -> None:
    """With [[mailboxes]] a problem says which one."""
    text = MINIMAL.replace("[mailbox]", '[[mailboxes]]\nid = "town"\nfoldr = "x"')
    assert "mailboxes[town].foldr: unknown key, did you mean folder?" in problems(tmp_path, text)
    assert "mailbox id 'a' is used twice" in problems(
        tmp_path,
        MINIMAL.replace(
            "[mailbox]", '[[mailboxes]]\nid = "a"\naddress = "x@y.example"\nhost = "h"\npassword = "p"\n[[mailboxes]]\nid = "a"'
        ),
    )


@pytest.mark.parametrize(
    "line",
    [
        'pasword = "hunter2-secret"',
        'password = { evn = "x", value = "hunter2-secret", file = "y" }',
        'password = ["hunter2-secret"]',
        'password = "hunter2-secret"\nport = "x"',
        'password = { value = "hunter2-secret" }\nsecurity = "hm"',
        'oauth2 = { token_url = "x", client_id = "y", client_secrt = "hunter2-secret" }',
        'oauth2 = { token_url = "x", client_id = "y", client_secret = { vlaue = "hunter2-secret" } }',
    ],
)
def test_a_typo_near_a_secret_does_not_print_it(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Trap 10: neither the error, its chain nor its repr holds the secret."""
    text = MINIMAL.replace('host = "imap.buero.example"\npassword = { env = "PW" }', f'host = "h.example"\nfodler = "x"\n{line}')
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), FROM_ENVIRONMENT)

    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.remedy
    assert "hunter2" not in shown
    assert "fodler" in shown


def test_settings_do_not_show_a_secret(tmp_path: Path) -> None:
    """Printing the settings, in a log or a debugger, shows no password."""
    settings = load(written(tmp_path, MINIMAL.replace('{ env = "PW" }', '"hunter2-secret"')), {})
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert resolve(settings.smtp.password or SecretRef(env="X"), "smtp.password") == "hunter2-secret"


def test_toml_syntax_error_names_the_line(tmp_path: Path) -> None:
    """A file that is no TOML is named with the line, without its text."""
    told = problems(tmp_path, MINIMAL.replace('host = "imap.buero.example"', 'host = "hunter2'))
    assert "line 8" in told
    assert "hunter2" not in told


def test_file_that_is_no_utf8(tmp_path: Path) -> None:
    """An old editor's Latin-1 is told as such."""
    file = tmp_path / "config.toml"
    file.write_bytes('name = "Büro"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(file, {})


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever mailbot is started, the store lies beside the configuration."""
    (tmp_path / "own").mkdir()
    file = written(tmp_path, MINIMAL + '[templates]\npath = "own"\n')
    monkeypatch.chdir("/")
    settings = load(file, {})
    assert settings.store.url == f"sqlite:///{tmp_path}/mailbot.db"
    assert settings.store.journal == tmp_path / "mailbot.journal"
    assert settings.store.key_file == tmp_path / "mailbot.key"
    assert settings.templates.path == tmp_path / "own"


def test_absolute_paths_and_other_databases_stay(tmp_path: Path) -> None:
    """An absolute path and a PostgreSQL URL are taken as they are."""
    store = '[store]\nurl = "postgresql+psycopg://bot@db.example/mailbot"\njournal = "/var/lib/mailbot/j"\n'
    settings = load(written(tmp_path, MINIMAL + store), {})
    assert settings.store.url == "postgresql+psycopg://bot@db.example/mailbot"
    assert settings.store.journal == Path("/var/lib/mailbot/j")
    there = load(written(tmp_path, MINIMAL + '[store]\nurl = "sqlite:////srv/m.db"\n'), {})
    assert there.store.url == "sqlite:////srv/m.db"


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    """A variable wins over the file, typed as the key is; a password of digits stays text."""
    environ = {
        "MAILBOT_SMTP__HOST": "other.example",
        "MAILBOT_SMTP__PORT": "587",
        "MAILBOT_MAILBOX__PASSWORD": "0123",
        "MAILBOT_ORGANISER__LANGUAGES": '["en"]',
        "MAILBOT_LIMITS__PER_HOUR": "7",
        "MAILBOT_MAILBOX__MAX_AGE": "P2D",
        "MAILBOT_SMTP__PASSWORD__ENV": "OTHER",  # two parts deep
        "MAILBOT_PASSWORD": "not a key",
        "OTHER__THING": "nothing of ours",
    }
    settings = load(written(tmp_path, MINIMAL), environ)
    assert (settings.smtp.host, settings.smtp.port) == ("other.example", 587)
    assert resolve(settings.mailboxes[0].password or SecretRef(env="X"), "k") == "0123"
    assert settings.organiser.languages == ("en",)
    assert settings.limits.per_hour == 7
    assert settings.mailboxes[0].max_age == Period.parse("P2D")


def test_a_reference_in_the_environment_replaces_one_in_the_file(tmp_path: Path) -> None:
    """Naming another place for a secret is no second place."""
    text = MINIMAL.replace('{ env = "PW" }', '{ file = "pw" }')
    settings = load(written(tmp_path, text), {"MAILBOT_SMTP__PASSWORD__ENV": "OTHER"})
    assert settings.smtp.password == SecretRef(env="OTHER")


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    """A value that comes from the environment is told with its variable, a misspelt variable too."""
    told = problems(tmp_path, MINIMAL, {"MAILBOT_SMTP__PORT": "many", "MAILBOT_SMTP__HOTS": "x", "MAILBOT_EVENTS__ID": "x"})
    assert "smtp.port: must be a whole number (set by $MAILBOT_SMTP__PORT)" in told
    assert "$MAILBOT_SMTP__HOTS: there is no key smtp.hots" in told
    assert "$MAILBOT_EVENTS__ID: events is a list" in told


def test_a_variable_that_holds_a_secret_is_no_key(tmp_path: Path) -> None:
    """`{ env = "MAILBOT_IMAP__PW" }` may be named as its owner likes."""
    text = MINIMAL.replace('{ env = "PW" }', '{ env = "MAILBOT_IMAP__PW" }')
    settings = load(written(tmp_path, text), {"MAILBOT_IMAP__PW": "x"})
    assert settings.mailboxes[0].password == SecretRef(env="MAILBOT_IMAP__PW")


def test_secret_from_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable is read, and its absence names key and variable."""
    monkeypatch.setenv("PW_HERE", "s3cret")
    assert resolve(SecretRef(env="PW_HERE"), "smtp.password") == "s3cret"
    with pytest.raises(ConfigError, match=r"smtp\.password: the environment variable PW_MISSING is not set"):
        resolve(SecretRef(env="PW_MISSING"), "smtp.password")


def test_secret_from_file(tmp_path: Path) -> None:
    """A file's text is read without its last line break; spaces within a password are its own."""
    (tmp_path / "pw").write_text(" two words \n", "utf-8")
    assert resolve(SecretRef(file=str(tmp_path / "pw")), "k") == " two words "
    with pytest.raises(ConfigError, match="does not exist"):
        resolve(SecretRef(file=str(tmp_path / "none")), "k")
    (tmp_path / "empty").touch()
    with pytest.raises(ConfigError, match="k: the secret is empty"):
        resolve(SecretRef(file=str(tmp_path / "empty")), "k")


def test_secret_file_is_relative_to_the_configuration_or_a_systemd_credential(tmp_path: Path) -> None:
    """`{ file = "imap" }` means the credential of that name where systemd hands one over."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "imap").write_text("from systemd", "utf-8")
    file = written(tmp_path, MINIMAL.replace('{ env = "PW" }', '{ file = "imap" }', 1))
    given = load(file, {"CREDENTIALS_DIRECTORY": str(credentials)}).mailboxes[0].password
    assert given == SecretRef(file=str(credentials / "imap"))
    assert load(file, {}).mailboxes[0].password == SecretRef(file=str(tmp_path / "imap"))


def test_secret_from_command() -> None:
    """A command's first line is the secret; one that fails is told without its output."""
    assert resolve(SecretRef(command=("printf", "one\ntwo\n")), "k") == "one"
    with pytest.raises(ConfigError, match="k: the command failed with status 3") as caught:
        resolve(SecretRef(command=("sh", "-c", "echo hunter2; exit 3")), "k")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigError, match="k: the command could not be run"):
        resolve(SecretRef(command=("/nonexistent/pass",)), "k")


def test_find_looks_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config, $MAILBOT_CONFIG, ./config.toml, the user's folder."""
    (tmp_path / "home" / "mailbot").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MAILBOT_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="there is no configuration file") as caught:
        find()
    assert "mailbot init" in caught.value.remedy
    places = [
        tmp_path / "home" / "mailbot" / "config.toml",
        tmp_path / "config.toml",
        tmp_path / "env.toml",
        tmp_path / "named.toml",
    ]
    for place in places:
        place.touch()
    assert find() == places[1]
    places[1].unlink()
    assert find() == places[0]
    monkeypatch.setenv("MAILBOT_CONFIG", str(places[2]))
    assert find() == places[2]
    assert find(places[3]) == places[3]
    places[2].unlink()
    with pytest.raises(ConfigError, match=r"env\.toml does not exist"):
        find()


# -- the example ---------------------------------------------------------------------------------------------------------


def uncommented() -> dict[str, object]:
    """Give the example with the keys that it shows as comments."""
    text = re.sub(r"(?m)^#(?=\S)", "", EXAMPLE.read_text("utf-8"))
    return tomllib.loads(text)


def keys_of_models(model: type[BaseModel] = Settings, prefix: str = "") -> set[str]:
    """Give every key that the models know, as written in a file with one mailbox."""
    found = set()
    for key, name in schema.key_names(model).items():
        shown = "mailbox" if key == "mailboxes" else key
        inner = schema.model_of(model.model_fields[name].annotation)
        leaf = inner is None or inner.__name__ in {"Period", "SecretRef", "Recipient", "EventMail", "Rule"}
        found |= {prefix + shown} if leaf or inner is None else keys_of_models(inner, f"{prefix}{shown}.")
    return found


def keys_of_file(value: object, known: set[str], prefix: str = "") -> set[str]:
    """Give every key of a file, down to where the models have no keys of their own."""
    if isinstance(value, list) and value and prefix[:-1] not in known:
        return set().union(*(keys_of_file(inner, known, prefix) for inner in value))
    if isinstance(value, dict) and prefix[:-1] not in known:
        return set().union(*(keys_of_file(inner, known, f"{prefix}{key}.") for key, inner in value.items()))
    return {prefix[:-1]}


def test_example_shows_every_key_and_no_other() -> None:
    """The example and the models agree in both directions."""
    known = keys_of_models()
    assert keys_of_file(uncommented(), known) == known


@pytest.mark.parametrize("model", [Rule, Recipient, EventMail])
def test_example_shows_every_key_of_inline_tables(model: type[BaseModel]) -> None:
    """What stands in braces within a line is shown with all its keys."""
    text = EXAMPLE.read_text("utf-8")
    assert all(f"{key} = " in text for key in schema.key_names(model))


def test_example_shows_the_defaults(tmp_path: Path) -> None:
    """What the example says, left out, means the same."""
    whole = load(EXAMPLE, {})
    raw = tomllib.loads(EXAMPLE.read_text("utf-8"))
    required = {
        "organiser": {k: raw["organiser"][k] for k in ("name", "contact")},
        "mailbox": {k: raw["mailbox"][k] for k in ("address", "host", "password")},
        "smtp": {k: raw["smtp"][k] for k in ("host", "password")},
        "events": [{k: raw["events"][0][k] for k in ("id", "title", "starts", "ends")}],
        "store": whole.store.model_dump(),
    }
    bare = Settings.model_validate(required)
    shown = whole.model_dump()
    assert shown["events"][0].pop("location") == "online"  # the one value beyond the required that the example fills in
    expected = bare.model_dump()
    assert expected["events"][0].pop("location") == ""
    assert shown["smtp"]["username"] == "anmeldung@klima.example"  # written empty in the file: the mailbox's
    assert shown == expected


def test_example_loads_with_all_its_optional_keys(tmp_path: Path) -> None:
    """The keys that the example shows as comments are right too."""
    (tmp_path / "templates").mkdir()
    text = re.sub(r"(?m)^#(?=\S)", "", EXAMPLE.read_text("utf-8"))
    settings = load(written(tmp_path, text), {})
    assert settings.events[0].conference is not None
    assert settings.controller.name == "Stadt Salzkotten"


def test_example_marks_what_is_to_be_filled_in() -> None:
    """Five values: address, two hosts, password, event."""
    assert len(re.findall("# ←", EXAMPLE.read_text("utf-8"))) == 5


def test_built_in_example_is_the_one_of_the_labels() -> None:
    """`classify` without a configuration knows the example's event."""
    event = example().events[0]
    assert (event.id, event.title) == ("klima-werkstatt", "Klima-Werkstatt der Stadt Salzkotten")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[smtp]", '[folders]\nreview = "Mailbot/Done"\n[smtp]', "folders.review: 'Mailbot/Done' is folders.done's already"),
        ("[smtp]", '[folders]\ndone = "inbox"\n[smtp]', "folders.done: must be a folder of its own"),
        ("[smtp]", '[folders]\ndone = ""\n[smtp]', "folders.done: must be a folder of its own"),
        ("[smtp]", '[store]\njournal = "mailbot.db"\n[smtp]', "store.journal: is the file of store.url"),
        ("[smtp]", '[store]\nkey_file = "mailbot.journal"\n[smtp]', "store.key_file: is the file of store.journal"),
        ("starts = 2027-03-11T18:00:00", "starts = 2027-03-11", "events[werkstatt].starts: write the time too"),
        ("ends = 2027-03-11T20:30:00", "ends = 2027-03-11T17:00:00", "events[werkstatt]: ends must be after starts"),
        ('title = "Werkstatt"', 'title = " "', "events[werkstatt].title: must not be empty"),
        ('title = "Werkstatt"', "title = {}", "events[werkstatt].title: must not be empty"),
        ('title = "Werkstatt"', 'title = "W"\njoin_url = "javascript:alert(1)"', "events[werkstatt].join_url: must be the address"),
        ("[smtp]", '[privacy]\nnotice_url = "buero"\n[smtp]', "privacy.notice_url: must be the address of a page"),
        ('host = "imap.buero.example"', 'host = "imaps://imap.buero.example:993"', "mailbox.host: write the server's name alone"),
        ('host = "smtp.buero.example"', 'host = "smtp.buero.example:465"', "smtp.host: write the server's name alone"),
        (
            "[smtp]",
            '[mailbox.oauth2]\ntoken_url = "http://x.example/"\nclient_id = "c"\n[smtp]',
            "mailbox.oauth2.token_url: must start",
        ),
        (
            "[smtp]",
            '[retention]\nmails = { after = "sent", keep = "P1D" }\n[smtp]',
            'retention.mails.after: is counted from "received" only',
        ),
        ("[[events]]", "[events]", "events: write [[events]] with two brackets"),
        ("[mailbox]", "[mailbx]", "mailbox: is missing"),
        ('name = "Büro"', 'name = "Büro"\nlanguages = ["fr"]', "does not understand 'fr' (known: de, en)"),
    ],
)
def test_what_is_well_formed_and_wrong_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Values of the right type that would do harm are problems of the file, each named by its key."""
    assert old in MINIMAL
    assert said in problems(tmp_path, MINIMAL.replace(old, new))


def test_one_mailbox_and_several_are_told_in_one_sentence(tmp_path: Path) -> None:
    """`[mailbox]` beside `[[mailboxes]]` is one mistake, and the same account twice another."""
    more = '\n[[mailboxes]]\nid = "b"\naddress = "b@buero.example"\nhost = "h.example"\npassword = "x"\n'
    said = problems(tmp_path, MINIMAL + more)
    assert "either one [mailbox] or several" in said
    assert "did you mean" not in said
    twice = MINIMAL.replace("[mailbox]", "[[mailboxes]]") + more.replace("b@b", "anmeldung@b").replace("h.ex", "imap.buero.ex")
    assert "the same folder of the same account" in problems(tmp_path, twice)


def test_a_secret_that_cannot_be_read_is_explained_without_python_words(tmp_path: Path) -> None:
    """A folder, an empty list, a program that is not there: each in words, and only a file's first line is the secret."""
    (tmp_path / "secret").write_text("first\nsecond\n", "utf-8")
    assert resolve(SecretRef(file=str(tmp_path / "secret")), "smtp.password") == "first"
    wrong = (SecretRef(file=str(tmp_path)), SecretRef(command=()), SecretRef(command=("no-such-program-here",)))
    for secret, why in zip(wrong, ("Is a directory", "its list is empty", "No such file"), strict=True):
        with pytest.raises(ConfigError) as caught:
            resolve(secret, "smtp.password")
        assert why in str(caught.value)
        assert "Error" not in str(caught.value)
