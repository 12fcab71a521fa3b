"""Partners, what holders may see, invoices: nothing is assumed that nobody said."""

from __future__ import annotations

from datetime import date

import pytest

from edge_agent.domain import invoices as rule
from edge_agent.domain import obligations
from edge_agent.domain.invoices import Invoice
from edge_agent.domain.obligations import Profile
from edge_agent.domain.partners import Partner, PartnerError, lacking
from edge_agent.store import acts, classes, invoices, partners
from edge_agent.store.sqlite import Store

NOTICES = obligations.shipped()
HOSPITAL = Profile("tianjin", "hospital")
DAY = date(2025, 12, 31)


# -- enrolment ----------------------------------------------------------------------------------


@pytest.mark.requirement("T19")
@pytest.mark.parametrize(
    ("partner", "province", "on", "missing"),
    [
        (Partner("1", "a", "wholesaler", {}), "tianjin", date(2025, 12, 30), ()),
        (Partner("1", "a", "wholesaler", {}), "tianjin", DAY, ("nhsa",)),
        (Partner("1", "a", "wholesaler", {"nhsa": DAY}), "tianjin", DAY, ()),
        (Partner("1", "a", "wholesaler", {"nhsa": date(2026, 1, 1)}), "tianjin", DAY, ("nhsa",)),
        (Partner("1", "a", "wholesaler", {"holder-system": DAY}), "tianjin", DAY, ("nhsa",)),
        (Partner("1", "a", "maker", {}), "tianjin", DAY, ()),  # the row does not speak of makers
        (Partner("1", "a", "wholesaler", {}), "shandong", DAY, ()),
    ],
)
def test_who_is_not_enrolled_is_known(
    partner: Partner,
    province: obligations.Province,
    on: date,
    missing: tuple[str, ...],
) -> None:
    assert lacking(partner, Profile(province, "hospital"), on, NOTICES) == missing


def test_a_partner_and_his_enrolment_are_kept(store: Store) -> None:
    with store.write() as tx:
        partners.put(tx, 1, "li", "7", "Old name", "pharmacy")
        partners.put(tx, 2, "li", "7", "New name", "wholesaler")
        partners.enrol(tx, 3, "li", "7", "nhsa", date(2026, 1, 1))
        partners.enrol(tx, 4, "li", "7", "nhsa", DAY)
        found = partners.partners(tx)
        filed = [act.what for act in acts.acts(tx)]

    assert found == [Partner("7", "New name", "wholesaler", {"nhsa": DAY})]
    assert filed == ["partner.put"] * 2 + ["partner.enrol"] * 2


def test_a_partner_that_cannot_be_is_refused(store: Store) -> None:
    with store.write() as tx:
        partners.put(tx, 1, "li", "7", "a", "pharmacy")
        with pytest.raises(PartnerError, match='no role "shop"'):
            partners.put(tx, 1, "li", "8", "a", "shop")
        with pytest.raises(PartnerError, match="there is no partner 8"):
            partners.enrol(tx, 1, "li", "8", "nhsa", DAY)
        with pytest.raises(PartnerError, match='no platform "somewhere"'):
            partners.enrol(tx, 1, "li", "7", "somewhere", DAY)


# -- what holders may see -----------------------------------------------------------------------


@pytest.mark.requirement("C09")
def test_a_holder_sees_what_was_granted_and_nothing_else(store: Store) -> None:
    with store.write() as tx:
        one = partners.grant(tx, 1, "li", "holder", "P1", "movements")
        everything = partners.grant(tx, 2, "li", "other", "", "stock")

        def may(holder: str, product: str, scope: str) -> bool:
            return partners.may(tx, holder, product, scope)

        assert may("holder", "P1", "movements")
        assert not may("holder", "P2", "movements")
        assert not may("holder", "P1", "codes")
        assert not may("other", "P1", "movements")
        assert may("other", "P1", "stock")
        assert may("other", "P9", "stock")

        partners.revoke(tx, 3, "wang", one, "the contract ended")
        assert not may("holder", "P1", "movements")
        assert may("other", "P1", "stock")
        assert partners.grant(tx, 4, "li", "other", "", "stock") == everything
        assert partners.grant(tx, 5, "li", "holder", "P1", "movements") != one


@pytest.mark.requirement("C09")
def test_each_consent_stays_on_record(store: Store) -> None:
    with store.write() as tx:
        number = partners.grant(tx, 1, "li", "holder", "P1", "codes")
        partners.revoke(tx, 2, "wang", number, "the contract ended")
        (kept,) = partners.authorisations(tx)
        filed = [(act.number, act.who, act.what) for act in acts.acts(tx)]
        with pytest.raises(PartnerError, match="authorisation 1 is not in force"):
            partners.revoke(tx, 3, "wang", number, "again")

    assert (kept.granted, kept.revoked) == (1, 2)
    assert filed == [(1, "li", "access.grant"), (2, "wang", "access.revoke")]


@pytest.mark.parametrize(("holder", "scope"), [("", "codes"), ("holder", "everything")])
def test_what_nobody_can_see_is_not_granted(store: Store, holder: str, scope: str) -> None:
    with pytest.raises(PartnerError), store.write() as tx:
        partners.grant(tx, 1, "li", holder, "", scope)


# -- two invoices -------------------------------------------------------------------------------

DIRECT = Invoice("1", "maker", "us")
FIRST = Invoice("1", "maker", "dealer")
SECOND = Invoice("2", "dealer", "us")


@pytest.mark.requirement("I12")
@pytest.mark.parametrize(
    ("chain", "wrong"),
    [
        ([DIRECT], []),
        ([FIRST, SECOND], []),
        ([], ["no invoice came with the goods"]),
        ([SECOND], ["the first seller, dealer, is not the maker"]),
        ([FIRST], ["the last buyer, dealer, is not us (us)"]),
        (
            [FIRST, Invoice("2", "dealer", "other"), Invoice("3", "other", "us")],
            ["3 invoices; 2 is the most"],
        ),
        (
            [FIRST, Invoice("2", "other", "us")],
            ["invoice 2 is from other, and invoice 1 went to dealer"],
        ),
        ([FIRST, SECOND._replace(number="1")], ["invoice 1 stands twice"]),
        (
            [Invoice("1", "dealer", "other"), Invoice("1", "x", "y"), SECOND],
            [
                "3 invoices; 2 is the most",
                "the first seller, dealer, is not the maker",
                "invoice 1 is from x, and invoice 1 went to other",
                "invoice 2 is from dealer, and invoice 1 went to y",
                "invoice 1 stands twice",
            ],
        ),
    ],
)
def test_two_invoices_at_most(chain: list[Invoice], wrong: list[str]) -> None:
    assert rule.against(chain, frozenset({"maker"}), "us") == wrong


def test_invoices_are_kept_in_the_order_of_the_sales(store: Store) -> None:
    with store.write() as tx:
        invoices.put(tx, 1, "li", "R-1", [SECOND, FIRST, DIRECT])
        invoices.put(tx, 2, "li", "R-1", [SECOND, FIRST])

        assert invoices.invoices(tx, "R-1") == [SECOND, FIRST]
        assert invoices.invoices(tx, "R-2") == []
        assert len(list(acts.acts_of(tx, "invoice.put"))) == 2


# -- classes of products ------------------------------------------------------------------------


@pytest.mark.requirement("T25", "T26")
def test_a_product_is_what_somebody_said_last(store: Store) -> None:
    with store.write() as tx:
        classes.classify(tx, 1, "li", "P1", ["narcotic", "vaccine"])
        classes.classify(tx, 2, "li", "P1", ["narcotic", "insured"])
        classes.classify(tx, 3, "li", "P2", ["tcm-pieces"])
        classes.classify(tx, 4, "li", "P2", [])

        assert classes.classes(tx, ["P1", "P2", "P3"]) == {
            "P1": frozenset({"narcotic", "insured"}),
            "P2": frozenset(),
            "P3": frozenset(),
        }
        assert classes.products(tx) == {"P1": ["insured", "narcotic"]}
        with pytest.raises(obligations.ConfigError, match='no class "herbal"'):
            classes.classify(tx, 5, "li", "P1", ["herbal"])
