#pragma once

#include "ledger/consensus/core.hpp"
#include "ledger/consensus/justification.hpp"
#include "tests/support/sim_application.hpp"

#include <memory>

namespace sim {

/// One real core among validators that say exactly what a test wants them to.
class Puppets {
public:
    static constexpr std::uint64_t settle_ms = 1;

    explicit Puppets(std::size_t n = 4, Index real = 0);

    /// Makes the core anew from a log, as after a crash, and connects everybody again.
    void restart(Durable);
    /// Gives messages to the core, from whoever signed them or the next validator.
    Output say(const std::vector<Message>&, std::size_t from);
    Output say(const Message& message, std::size_t from = ~std::size_t{0});
    /// Time passes; the core wakes when it asked for it.
    Output wait(std::uint64_t ms);

    Index leader(View view) const { return core->epoch().leader(view); }
    /// A view that this validator leads, from `least` on.
    View view_led_by(Index who, View least = 1) const;
    Index other_than(std::initializer_list<Index>) const;

    Vote vote(Index voter, VoteKind, View, const BlockId& = {}) const;
    /// Signed by all but the real one, or by everybody.
    Certificate certificate(VoteKind, View, const BlockId& = {}, bool with_real = false) const;

    struct Block {
        Header header;
        Justification justification;
        BlockBody body;
        BlockId id;
        Propose message;
    };
    /// A good block of the view's leader with these transactions; on the anchor without a parent.
    /// `skipped` gives X of every view in between.
    Block block(View, const Block* parent, const BlockBody& = {}, std::uint64_t time_ms = 0);
    /// Signs it again after a test has changed header or justification.
    void sign(Block&) const;

    std::unique_ptr<HashSigner> signer(Index who) const
    {
        return std::make_unique<HashSigner>(who);
    }

    Index real;
    ValidatorSet set;
    Header genesis;
    HashVerifier verifier;
    CoreTimes times;
    std::optional<TrustedAnchor> trusted;  ///< of the next core; see restart
    std::unique_ptr<HashSigner> real_signer;
    std::unique_ptr<SimApplication> application;
    std::unique_ptr<Core> core;
    Now now{10'000, {2'000'000}};
    std::vector<Record> log;      ///< everything recorded so far
    std::vector<Output> outputs;  ///< all of them

private:
    std::map<BlockId, Commit> made_;  ///< blocks so far, to build on
};

/// Everything of one type that an output sends.
template <class T>
std::vector<T> sent(const Output& output)
{
    std::vector<T> found;
    for (const auto& send : output.sends)
        if (const auto* message = std::get_if<T>(&send.message)) found.push_back(*message);
    return found;
}

/// The votes of one kind that an output sends.
std::vector<Vote> sent_votes(const Output&, VoteKind);

}  // namespace sim
