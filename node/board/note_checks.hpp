#pragma once

#include "market/network.hpp"
#include "market/state/state.hpp"
#include "node/board/board_note.hpp"
#include "node/board/board_roots.hpp"

#include <chrono>
#include <optional>

/// Who may put up what, by a state and a time. Pure; may throw ledger::StateFault.
namespace node {

/// How far the sender's clock may be from the node's.
inline constexpr std::chrono::milliseconds note_clock_skew = std::chrono::minutes{10};

/// Why this order takes no notes; empty when it does.
std::optional<NoteRefusal> check_order(const market::View&, const market::GpuOrderId&,
                                       ledger::TimeMs now);

/// The note with its sender, who is a party to the order. What is cheap comes first.
ledger::Result<SignedNote, NoteRefusal> check_note(const market::Network&, const market::View&,
                                                   market::LeaseNote, const ledger::Signature&,
                                                   ledger::TimeMs now);

/// Which side of an order somebody is; empty for bidders, verifiers and jurors, who bring no
/// batches.
std::optional<BatchSide> side_of(const market::View&, const market::GpuOrderId&,
                                 const ledger::Address&);

}  // namespace node
