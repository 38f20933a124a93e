#pragma once

#include "market/messages/label.hpp"
#include "market/state/records.hpp"

/// What the state holds of label orders.
namespace market {

/// What was ordered, whole; never changes, and rules read it once.
struct LabelOrdered {
    using Key = LabelOrderId;
    static constexpr char table = 'X';
    LabelOrder ordered;
    Address owner;
    std::uint64_t ordered_ms{};
};
MILLRACE_DESCRIBE(LabelOrdered, (ordered, owner, ordered_ms))

/// Of an order what rules ask for again and again, in few bytes; never changes. Its windows are
/// never 0: the network's stand in their place.
struct LabelTerms {
    using Key = LabelOrderId;
    static constexpr char table = '3';
    Address owner;
    Address arbiter;
    std::uint32_t batches{};
    std::uint32_t items{};
    std::uint32_t classes{};
    std::uint32_t gold{};
    std::uint32_t gold_errors{};
    std::uint32_t seats{};
    Hash gold_root;
    bool by_invitation = false;
    Amount price;
    Amount bond;
    Amount arbiter_fee;
    std::uint64_t open_until_ms{};
    std::uint64_t work_ms{};
    std::uint64_t review_ms{};
    std::uint64_t appeal_ms{};
    std::uint64_t decide_ms{};
};
MILLRACE_DESCRIBE(LabelTerms, (owner, arbiter, batches, items, classes, gold, gold_errors, seats,
                               gold_root, by_invitation, price, bond, arbiter_fee, open_until_ms,
                               work_ms, review_ms, appeal_ms, decide_ms))

/// The seats of an order. What the free ones cost lies here while they can be taken.
struct LabelSeats {
    using Key = LabelOrderId;
    static constexpr char table = '1';
    std::uint32_t free{};
    std::uint32_t open{};       ///< pieces of work that have not ended
    std::uint64_t accepted{};   ///< labels that were paid
    std::uint64_t agreed_ms{};  ///< by the arbiter; 0 before that
    std::uint64_t closed_ms{};  ///< 0 while seats can be taken
    Amount escrow;
};
MILLRACE_DESCRIBE(LabelSeats, (free, open, accepted, agreed_ms, closed_ms, escrow))

struct LabelWorkKey {
    LabelOrderId order;
    Address annotator;
};
MILLRACE_DESCRIBE(LabelWorkKey, (order, annotator))

enum class LabelWorkStatus {
    taken,      ///< waits for the keys
    handed,     ///< the annotator works
    submitted,  ///< waits for the owner
    reviewed,   ///< paid like that unless the annotator appeals
    appealed,   ///< waits for the arbiter
    paid,
    unhanded,  ///< the keys never came
    returned,  ///< by the annotator
    lapsed,    ///< the labels never came: the bond was lost
    failed,    ///< void: the bond was lost
};
BOOST_DESCRIBE_ENUM(LabelWorkStatus, taken, handed, submitted, reviewed, appealed, paid, unhanded,
                    returned, lapsed, failed)

/// One annotator's part in an order. Kept for good: who could see what, and what came of it.
struct LabelWork {
    using Key = LabelWorkKey;
    static constexpr char table = '2';
    LabelWorkStatus status{};
    ledger::X25519PublicKey annotator_x25519;
    std::uint64_t taken_ms{};
    std::uint64_t window_end_ms{};  ///< of whoever's turn it is
    std::uint64_t ended_ms{};
    Amount bond;    ///< zero once it ended
    Amount escrow;  ///< for labels and the owner's half of an appeal; zero once it ended
    Amount appeal;  ///< the annotator's half, while it appeals
    std::uint32_t labels{};
    std::uint32_t reviewed{};  ///< labels that the owner accepted
    bool is_void = false;      ///< so the owner says
    std::uint32_t accepted{};  ///< labels that were paid
    Hash root;
    TxId handed_in;
    TxId submitted_in;
    TxId decided_in;  ///< zero where no arbiter decided

    bool ended() const { return ended_ms != 0; }
};
MILLRACE_DESCRIBE(LabelWork, (status, annotator_x25519, taken_ms, window_end_ms, ended_ms, bond,
                              escrow, appeal, labels, reviewed, is_void, accepted, root, handed_in,
                              submitted_in, decided_in))

}  // namespace market
