#pragma once

#include "ledger/crypto/x25519.hpp"
#include "market/messages/data.hpp"

namespace market {

/// The owner of a dataset has its items labelled: so many annotators label each of them, apart from
/// one another, and are paid for every label that is accepted. Locks `seats` times what all labels
/// of a seat cost and the arbiter's fee. Seats can be taken once the arbiter has agreed. The
/// order's id is the id of this transaction.
struct LabelOrder {
    DatasetId dataset;
    /// 1 to 64, each once: their files are the items. Their keys go to annotators and arbiter, who
    /// can open all of them, whatever `picks` says.
    std::vector<BatchRef> batches;
    /// Bit i of byte i / 8, lowest first: whether file i of the batches, in their order, is an
    /// item. Empty: every file is. At most 8,192 bytes, the last of which is not zero.
    Bytes picks;
    std::uint32_t items{};  ///< 1 to 8,192
    Hash items_root;        ///< `label_items_root`: that all speak of the same items
    /// 2 to 256 names of at most 64 bytes, each once; a label is a place in this list.
    std::vector<std::string> classes;
    std::string question;  ///< what to look for, at most 1,024 bytes
    std::uint32_t gold{};  ///< items whose label the owner says to know; 0 for none
    Hash gold_root;        ///< over the `gold_leaf` of each; zero without any
    /// Work with more labels than this that are not the gold's may be called void; below `gold`,
    /// at most 15. 0 without gold.
    std::uint32_t gold_errors{};
    std::uint32_t seats{};                 ///< annotators of each item, 1 to 16
    std::vector<Address> annotators;       ///< who may take a seat, at most 64; empty: anybody
    Amount price;                          ///< of an accepted label, at least 1
    Amount bond;                           ///< of an annotator; may be zero
    ledger::X25519PublicKey owner_x25519;  ///< to which annotators seal labels
    Address arbiter;                       ///< decides appeals; neither owner nor annotator
    ledger::X25519PublicKey arbiter_x25519;
    /// The key of each batch, sealed with `label_arbiter_info`: who decides has to see the items.
    std::vector<WrappedKey> arbiter_wraps;
    /// Of an appeal, paid by who is wrong; may be zero, at most what all labels of a seat cost.
    Amount arbiter_fee;
    // Seconds, at most 30 days each.
    std::uint64_t open_s{};  ///< seats can be taken so long
    /// From the keys to the labels; 0 stands for the network's t_rel_s, which is the least.
    std::uint64_t work_s{};
    // 0 stands for the network's t_disp_s, which is the least of each.
    std::uint64_t review_s{};  ///< that the owner has to hand over the keys, and to review
    std::uint64_t appeal_s{};
    std::uint64_t decide_s{};
    friend bool operator==(const LabelOrder&, const LabelOrder&) = default;
};
MILLRACE_DESCRIBE(LabelOrder, (dataset, batches, picks, items, items_root, classes, question, gold,
                               gold_root, gold_errors, seats, annotators, price, bond, owner_x25519,
                               arbiter, arbiter_x25519, arbiter_wraps, arbiter_fee, open_s, work_s,
                               review_s, appeal_s, decide_s))

/// The arbiter of an order says that it will decide, and that its keys open the batches.
struct LabelAgree {
    LabelOrderId order;
    friend bool operator==(const LabelAgree&, const LabelAgree&) = default;
};
MILLRACE_DESCRIBE(LabelAgree, (order))

/// Ends the taking of seats and returns what lies there for free ones; by the owner, and after
/// `open_s` by anyone. Work that was taken goes on.
struct LabelOrderClose {
    LabelOrderId order;
    friend bool operator==(const LabelOrderClose&, const LabelOrderClose&) = default;
};
MILLRACE_DESCRIBE(LabelOrderClose, (order))

/// An annotator takes a seat, once in an order, and locks the bond.
struct LabelTake {
    LabelOrderId order;
    ledger::X25519PublicKey annotator_x25519;  ///< to which the keys of the batches are sealed
    friend bool operator==(const LabelTake&, const LabelTake&) = default;
};
MILLRACE_DESCRIBE(LabelTake, (order, annotator_x25519))

/// The owner hands the keys of the batches to an annotator: who could see what, and since when,
/// stands on the ledger.
struct LabelHand {
    LabelOrderId order;
    Address annotator;
    /// The key of each batch, sealed with `label_hand_info`.
    std::vector<WrappedKey> wraps;
    friend bool operator==(const LabelHand&, const LabelHand&) = default;
};
MILLRACE_DESCRIBE(LabelHand, (order, annotator, wraps))

/// An annotator gives its seat back, and its bond returns: while it waits for the keys, and in the
/// first quarter of `work_s`, should they not open anything or the items not be what was said.
struct LabelReturn {
    LabelOrderId order;
    friend bool operator==(const LabelReturn&, const LabelReturn&) = default;
};
MILLRACE_DESCRIBE(LabelReturn, (order))

/// An annotator's labels, sealed to the owner and the arbiter: nobody else can read them, and
/// nobody, the annotator included, can change them any more.
struct LabelSubmit {
    LabelOrderId order;
    std::uint32_t labels{};  ///< items that have one, at least 1
    Hash root;               ///< over the `label_leaf` of every item, labelled or not
    /// One sealed chunk: 32 bytes and three for each item, and a tag; at most 32,784 bytes.
    Bytes sealed;
    WrappedKey owner_wrap;  ///< its key, sealed with `label_submit_info`
    WrappedKey arbiter_wrap;
    friend bool operator==(const LabelSubmit&, const LabelSubmit&) = default;
};
MILLRACE_DESCRIBE(LabelSubmit, (order, labels, root, sealed, owner_wrap, arbiter_wrap))

/// A label of the gold beside an annotator's other label of the same item.
struct LabelError {
    std::uint32_t item{};
    std::uint32_t place{};  ///< in the gold, from 0
    std::uint32_t gold_label{};
    Hash gold_salt;
    std::vector<Hash> gold_path;  ///< from the leaf to `gold_root`
    std::uint32_t label{};
    std::uint32_t confidence{};
    Hash salt;
    std::vector<Hash> path;  ///< from the leaf to the submission's root
    friend bool operator==(const LabelError&, const LabelError&) = default;
};
MILLRACE_DESCRIBE(LabelError,
                  (item, place, gold_label, gold_salt, gold_path, label, confidence, salt, path))

/// The owner says how many labels it accepts, or that the work is void: not readable, not what was
/// committed to, or too far from the gold. Void work is paid nothing and loses its bond, unless the
/// annotator appeals and the arbiter sees it otherwise.
struct LabelReview {
    LabelOrderId order;
    Address annotator;
    std::uint32_t accepted{};  ///< 0 where it is void
    bool is_void = false;
    /// What shows that it is too far from the gold, `gold_errors` + 1 by item, ascending; or empty.
    /// They are evidence: that the gold was fixed beforehand does not make it true.
    std::vector<LabelError> errors;
    friend bool operator==(const LabelReview&, const LabelReview&) = default;
};
MILLRACE_DESCRIBE(LabelReview, (order, annotator, accepted, is_void, errors))

/// An annotator asks the arbiter, and locks the fee.
struct LabelAppeal {
    LabelOrderId order;
    friend bool operator==(const LabelAppeal&, const LabelAppeal&) = default;
};
MILLRACE_DESCRIBE(LabelAppeal, (order))

/// The arbiter says how many labels are to be accepted, not fewer than the owner did; none of void
/// work leaves it void.
struct LabelDecide {
    LabelOrderId order;
    Address annotator;
    std::uint32_t accepted{};
    /// Who pays the fee where more are accepted than the owner did: the owner, or an annotator who
    /// gave it no way to see so. Else the annotator does; false then.
    bool owner_pays = false;
    /// The submission's key, sealed to the owner with `label_submit_info`: its own wrap may have
    /// been junk, and it pays for what it can read.
    WrappedKey owner_wrap;
    friend bool operator==(const LabelDecide&, const LabelDecide&) = default;
};
MILLRACE_DESCRIBE(LabelDecide, (order, annotator, accepted, owner_pays, owner_wrap))

/// Does what is due when a window of a piece of work is over; sent by anyone.
struct LabelTimeout {
    LabelOrderId order;
    Address annotator;
    friend bool operator==(const LabelTimeout&, const LabelTimeout&) = default;
};
MILLRACE_DESCRIBE(LabelTimeout, (order, annotator))

}  // namespace market
