#include "market/label_invariants.hpp"

#include "ledger/base/hex.hpp"
#include "market/rules/label_rules.hpp"

#include <map>

namespace market {
namespace {

struct Counted {
    std::uint32_t open = 0;
    std::uint64_t accepted = 0;
};

void check_work(const LabelTerms& terms, const LabelWork& work, const std::string& name,
                std::vector<std::string>& wrong)
{
    const auto says = [&](const char* what) { wrong.push_back(name + what); };
    if (work.labels > terms.items || work.reviewed > work.labels || work.accepted > work.labels)
        says(" counts more labels than there are");
    if ((work.status >= LabelWorkStatus::paid) != work.ended()) says(" ends other than once");
    if (work.ended()) {
        if (!(work.escrow + work.bond + work.appeal).is_zero()) says(" ended and holds money");
        return;
    }
    if (work.escrow != seat_cost(terms)) says(" has not its cost in escrow");
    if (work.bond != terms.bond) says(" has not its bond");
    const bool appeals = work.status == LabelWorkStatus::appealed;
    if (work.appeal != (appeals ? terms.arbiter_fee : Amount{}))
        says(" holds a fee that is not of an appeal");
}

}  // namespace

LabelHoldings label_holdings(const View& view)
{
    LabelHoldings sum;
    view.scan<LabelSeats>({}, [&](const LabelOrderId&, const LabelSeats& seats) {
        sum.escrows = sum.escrows + seats.escrow;
        return true;
    });
    view.scan<LabelWork>({}, [&](const LabelWorkKey&, const LabelWork& work) {
        sum.escrows = sum.escrows + work.escrow + work.appeal;
        sum.bonds = sum.bonds + work.bond;
        return true;
    });
    return sum;
}

void check_labels(const View& view, std::vector<std::string>& wrong)
{
    std::map<LabelOrderId, Counted> counted;
    view.scan<LabelWork>({}, [&](const LabelWorkKey& key, const LabelWork& work) {
        const auto name = "label work " + ledger::to_hex0x(key.order.view());
        check_work(view.get<LabelTerms>(key.order), work, name, wrong);
        auto& count = counted[key.order];
        count.open += work.ended() ? 0 : 1;
        count.accepted += work.accepted;
        return true;
    });
    view.scan<LabelSeats>({}, [&](const LabelOrderId& id, const LabelSeats& seats) {
        const auto name = "label order " + ledger::to_hex0x(id.view());
        const auto terms = view.get<LabelTerms>(id);
        if (seat_cost(terms).times(seats.free) != seats.escrow)
            wrong.push_back(name + " has not the cost of its free seats");
        if (seats.closed_ms != 0 && seats.free != 0)
            wrong.push_back(name + " is closed and has free seats");
        const auto& count = counted[id];
        if (count.open != seats.open || count.accepted != seats.accepted)
            wrong.push_back(name + " miscounts its work");
        if (seats.agreed_ms == 0 && count.open + count.accepted != 0)
            wrong.push_back(name + " has work without an arbiter");
        if (seats.free + seats.open > terms.seats)
            wrong.push_back(name + " has more seats than were ordered");
        return true;
    });
}

}  // namespace market
