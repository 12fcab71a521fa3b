"""A cradle whose power is cut in the middle of its work: what was shown as good is booked."""

from pathlib import Path

from protocol import codes, decisions, reasons
from simulator.shift import Answer, Read
from simulator.station import Station, wait_for
from simulator.world import Damage, Form, Label

PASS = Answer(decisions.PASS, reasons.OK)
SEEN = Answer(decisions.HOLD, reasons.SEEN_BEFORE)


def read(number: int, serial: int, answer: Answer) -> Read:
    label = Label(Form.CODE128, f"8999999{9_000_000_000_000 + serial}", codes.MSFX20)
    return Read(number, label, Damage.NONE, 0, answer)


def test_nothing_shown_as_good_is_lost_and_a_new_boot_starts_anew(tmp_path: Path) -> None:
    with Station(tmp_path, cradles=1) as station:
        station.wait_until_ready()
        place = station.places[0]
        place.present([read(number, number, PASS) for number in range(40)])
        wait_for(lambda: "GOOD" in place.answers, "the first light")
        first_boot = place.cradle.boot_id
        place.cradle.kill()

        shown = len(place.answers)
        booked = [one for one in station.agent.booked() if one["boot"] == first_boot]
        assert shown <= len(booked)
        assert [one["seq"] for one in booked] == list(range(len(booked)))

        place.engine.forget()
        del place.awaited[shown:]
        place.cradle.start()
        wait_for(lambda: place.cradle.boot_id != first_boot, "the second boot")
        place.present([read(100, 0, SEEN), read(101, 100, PASS)])
        assert station.settle(timeout_s=20)
        assert place.answers[shown:] == ["HOLD", "GOOD"]
        again = [one["seq"] for one in station.agent.booked() if one["boot"] != first_boot]
        assert again == [0, 1]
