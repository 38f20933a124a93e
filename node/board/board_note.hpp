#pragma once

#include "market/lease_note.hpp"

#include <boost/describe/enum.hpp>

namespace node {

/// Drawn when a node starts: whoever reads another one than before knows that the notes are gone.
using BoardId = ledger::FixedBytes<struct BoardIdTag, 16>;

/// A note with the party that signed it.
struct SignedNote {
    market::LeaseNote note;
    ledger::Address from;
    ledger::Signature signature;
};

/// A note that is up.
struct BoardNote {
    std::uint64_t number{};  ///< from 1, over all notes of its order
    SignedNote posted;
};

/// Why a note is not put up; the names are the codes of docs/api.md.
enum class NoteRefusal {
    not_found,        ///< no such order
    order_over,       ///< nothing comes of it any more
    invalid,          ///< the topic is no name
    body_too_large,   ///< over LeaseNoteLimits::body
    wrong_time,       ///< sent too long before or after the node's own clock
    wrong_signature,  ///< nobody's
    not_a_party,      ///< of somebody who has no part in the order
    out_of_order,     ///< not sent after the sender's last of this topic
    too_many_topics,  ///< of one sender
    full,             ///< there is no room for it, or for the batch that it names
};
BOOST_DESCRIBE_ENUM(NoteRefusal, not_found, order_over, invalid, body_too_large, wrong_time,
                    wrong_signature, not_a_party, out_of_order, too_many_topics, full)

}  // namespace node
