#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"
#include "market/rejection.hpp"

#include <vector>

namespace market {

enum class EventKind {
    transferred,
    deposited,
    claimed,
    claim_ended,
    settled,      ///< amount = what was burned
    minted,       ///< to `account`, or into the dataset `subject`
    earned,       ///< credit network: added to a statement
    fee_burned,   ///< protocol fee of a settlement
    slashed,      ///< from the bond of `account`
    compensated,  ///< the half of a slash that goes to the harmed side
    refunded,
    withdrawal_started,
    withdrawn,
    bonded,
    unbonding,
    unbonded,
    registered,
    changed,
    issued,
    admitted,
    statement_closed,
    drawn,
    contributed,   ///< by `account`, to the dataset `subject`
    shown,         ///< a chunk of a batch
    offered,       ///< amount = price
    offer_closed,  ///< amount = bonds that returned at once
    bought,        ///< amount = price; by `account`, the sale `subject`
    released,
    dispute_lost,  ///< amount = the half of the bond that goes to the seller, `account`
    ordered,       ///< amount = escrow, the fees of reports included
    bid,           ///< amount = rate
    matched,       ///< by the tenant with the provider `account`; amount = rate
    started,
    committed,  ///< to segments, a report, a verdict
    reclaim,    ///< notice was given
    closed,     ///< a lease, an order, an offer, a bid
    assigned,   ///< `account` executes a segment again, or is a juror
    reported,
    opened,
    disputed,  ///< a jury is called by `account`
    judged,    ///< `account` is right
    ended,     ///< a lease
    taken,     ///< a seat of a label order, by `account`
    handed,    ///< the keys of the items, to `account`
    reviewed,  ///< amount = what `account` gets unless it appeals
    agreed,    ///< `account` will decide appeals of a label order
};
BOOST_DESCRIBE_ENUM(EventKind, transferred, deposited, claimed, claim_ended, settled, minted,
                    earned, fee_burned, slashed, compensated, refunded, withdrawal_started,
                    withdrawn, bonded, unbonding, unbonded, registered, changed, issued, admitted,
                    statement_closed, drawn, contributed, shown, offered, offer_closed, bought,
                    released, dispute_lost, ordered, bid, matched, started, committed, reclaim,
                    closed, assigned, reported, opened, disputed, judged, ended, taken, handed,
                    reviewed, agreed)

/// Something that happened; `subject` is the id of what it happened to, zero where an account
/// says it all.
struct Event {
    EventKind kind{};
    Hash subject;
    Address account;
    Amount amount;
    friend bool operator==(const Event&, const Event&) = default;
};
MILLRACE_DESCRIBE(Event, (kind, subject, account, amount))

enum class Status { applied, refused };
BOOST_DESCRIBE_ENUM(Status, applied, refused)

/// What became of a transaction; a leaf of the block's receipts_root.
struct Receipt {
    TxId tx_id;
    Status status{};
    Rejection rejection{};
    Amount fee;
    std::vector<Event> events;
    friend bool operator==(const Receipt&, const Receipt&) = default;
};
MILLRACE_DESCRIBE(Receipt, (tx_id, status, rejection, fee, events))

}  // namespace market
